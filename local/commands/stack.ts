import { openStack, removeStack } from "../stack.ts";
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

/** Deletes the stack's resources, then the stack itself; where it is not deployed there is nothing to do. */
export async function destroy(invocation: Invocation): Promise<void> {
  const { stack: name, report } = invocation;
  await alone("destroy", invocation, async (session) => {
    const { engine } = session.toolchain;
    if (!(await openStack(name, engine, session.environment, false))) {
      report(`Stack ${name} is not deployed.`);
      return;
    }
    await runEngine(session, invocation, false, async (stack, run) => {
      await stack.destroy(run);
    });
    await removeStack(name, engine, session.environment);
    report(`Stack ${name} is gone.`);
  });
}
