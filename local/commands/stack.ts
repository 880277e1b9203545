import { removeStack } from "../stack.ts";
import { runEngine } from "./engine.ts";
import type { Invocation } from "./index.ts";
import { alone } from "./locked.ts";

export async function preview(invocation: Invocation): Promise<void> {
  await alone("preview", invocation, (session) =>
    runEngine(session, invocation, true, async (stack, run) => {
      await stack.preview(run);
    }),
  );
}

export async function refresh(invocation: Invocation): Promise<void> {
  await alone("refresh", invocation, (session) =>
    runEngine(session, invocation, false, async (stack, run) => {
      await stack.refresh(run);
    }),
  );
}

/** Deletes the stack's resources, then the stack itself. */
export async function destroy(invocation: Invocation): Promise<void> {
  await alone("destroy", invocation, async (session) => {
    await runEngine(session, invocation, false, async (stack, run) => {
      await stack.destroy(run);
    });
    await removeStack(invocation.stack, session.toolchain.engine, session.environment);
    invocation.report(`Stack ${invocation.stack} is gone.`);
  });
}
