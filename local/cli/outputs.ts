import { linkedEngine, stackOutputs } from "../stack/backend.ts";
import { stackExists } from "../stack/records.ts";
import { beside, notDeployed } from "./exclusive.ts";
import type { Invocation } from "./invocation.ts";

/**
 * Prints the stack's outputs: `name: value` lines, or with --json one object, which is empty where the stack is not
 * deployed, so that a program can always read it. Local Azure need not run for it.
 */
export async function outputs(invocation: Invocation): Promise<void> {
  if (!(await stackExists(invocation.stack))) {
    if (!invocation.json) throw new Error(notDeployed(invocation));
    invocation.report(notDeployed(invocation));
    return invocation.print("{}");
  }
  if (await linkedEngine()) await printOutputs(invocation);
  else await beside("outputs", invocation, () => printOutputs(invocation));
}

async function printOutputs({ stack, json, print }: Invocation): Promise<void> {
  const values = await stackOutputs(stack);
  if (json) print(JSON.stringify(values, null, 2));
  else for (const [key, value] of Object.entries(values)) print(`${key}: ${value}`);
}
