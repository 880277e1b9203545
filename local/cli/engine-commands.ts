import { removeStack } from "../stack/backend.ts";
import { stackExists } from "../stack/records.ts";
import { operate } from "./engine-run.ts";
import { alone, aloneWithStack, notDeployed } from "./exclusive.ts";
import type { Invocation } from "./invocation.ts";

/** Shows what `up` would do. The engine previews only a stack that exists: a new one exists as long as this. */
export async function preview(invocation: Invocation): Promise<void> {
  await alone("preview", invocation, async (session) => {
    const existed = await stackExists(invocation.stack);
    try {
      await operate(session, invocation, ["preview"]);
    } finally {
      if (!existed) await removeStack(invocation.stack, session.environment);
    }
  });
}

export async function refresh(invocation: Invocation): Promise<void> {
  const refreshed = await aloneWithStack("refresh", invocation, async (session) => {
    await operate(session, invocation, ["refresh", "--yes", "--skip-preview"]);
  });
  if (!refreshed) throw new Error(notDeployed(invocation));
}

/** Deletes the stack's resources, then the stack itself; where it is not deployed there is nothing to do. */
export async function destroy(invocation: Invocation): Promise<void> {
  const { stack: name, report } = invocation;
  const destroyed = await aloneWithStack("destroy", invocation, async (session) => {
    await operate(session, invocation, ["destroy", "--yes", "--skip-preview"]);
    await removeStack(name, session.environment);
  });
  report(`Stack ${name} is ${destroyed ? "gone" : "not deployed"}.`);
}
