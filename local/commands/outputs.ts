import { stackOutputs } from "../stack.ts";
import type { Invocation } from "./index.ts";
import { beside } from "./locked.ts";

/** Prints the stack's outputs: `name: value` lines, or with --json one object; `{}` where nothing is deployed. */
export async function outputs(invocation: Invocation): Promise<void> {
  const { stack: name, json, print, report } = invocation;
  await beside("outputs", invocation, async ({ environment }) => {
    const found = await stackOutputs(name, environment);
    if (!found) report(`Stack ${name} is not deployed: \`npm run local\` deploys it.`);
    const values = Object.fromEntries(
      Object.entries(found ?? {}).map(([key, output]) => [key, output.value]),
    );
    if (json) print(JSON.stringify(values, null, 2));
    else for (const [key, value] of Object.entries(values)) print(`${key}: ${value}`);
  });
}
