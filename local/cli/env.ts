import type { Invocation } from "./invocation.ts";
import { withSession } from "./with-session.ts";

/**
 * Prints `export NAME='value'` and `unset NAME` lines and nothing else, for `eval "$(npm run -s local -- env)"`.
 * PULUMI_STACK is the stack of --stack: what another command, or `pulumi stack select`, has selected does not count.
 */
export async function env(invocation: Invocation): Promise<void> {
  await withSession("env", invocation, async ({ environment }) => {
    for (const [name, value] of Object.entries({ ...environment, PULUMI_STACK: invocation.stack }))
      invocation.print(value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`);
  });
}

/** For POSIX shells: nothing inside single quotes is special. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
