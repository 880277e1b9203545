import { removeStack } from "../stack/backend.ts";
import { againstStack } from "../stack/project.ts";
import { stackExists } from "../stack/records.ts";
import { withCleanUp } from "../system/clean-up.mjs";
import { destroyAgainst, previewAgainst } from "./against.ts";
import { operate } from "./engine-run.ts";
import type { Invocation } from "./invocation.ts";
import { notDeployed, withDeployedStack, withExclusiveSession } from "./with-session.ts";

/** Shows what `up` would do. The engine previews only a stack that exists: a new one exists as long as this. */
export async function preview(invocation: Invocation): Promise<void> {
  if (invocation.against !== undefined) return previewAgainst(invocation.against, invocation);
  await withExclusiveSession("preview", invocation, async (session) => {
    const existed = await stackExists(invocation.stack);
    await withCleanUp(
      () => operate(session, invocation, ["preview"]),
      () => existed || removeStack(invocation.stack, session.environment),
    );
  });
}

export async function refresh(invocation: Invocation): Promise<void> {
  const stacks = [invocation.stack];
  const refreshed = await withDeployedStack("refresh", invocation, stacks, async (session) => {
    await operate(session, invocation, ["refresh", "--yes", "--skip-preview"]);
  });
  if (!refreshed) throw new Error(notDeployed(invocation));
}

/** Deletes the stack's resources, then the stack itself; where it is not deployed there is nothing to do. */
export async function destroy(invocation: Invocation): Promise<void> {
  const { stack: name, report } = invocation;
  const stacks = [name, againstStack(name)];
  const destroyed = await withDeployedStack("destroy", invocation, stacks, async (session) => {
    await destroyAgainst(session, invocation);
    if (!(await stackExists(name))) return;
    await operate(session, invocation, ["destroy", "--yes", "--skip-preview"]);
    await removeStack(name, session.environment);
  });
  report(`Stack ${name} is ${destroyed ? "gone" : "not deployed"}.`);
}
