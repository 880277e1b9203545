import type { Invocation } from "./index.ts";
import { beside } from "./locked.ts";

/** Prints `export NAME='value'` lines and nothing else, for `eval "$(npm run -s local -- env)"`. */
export async function env(invocation: Invocation): Promise<void> {
  await beside("env", invocation, async ({ environment }) => {
    for (const [name, value] of Object.entries(environment))
      invocation.print(`export ${name}=${quote(value)}`);
  });
}

/** For POSIX shells: nothing inside single quotes is special. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
