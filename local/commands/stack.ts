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
  await alone("refresh", invocation, async (session) => {
    const refreshed = await runEngine(session, invocation, false, (stack, run) => stack.refresh(run));
    const { stack } = invocation;
    if (!refreshed)
      throw new Error(`Stack ${stack} is not deployed: \`npm run local -- up --stack ${stack}\` deploys it.`);
  });
}

/** Deletes the stack's resources, then the stack itself; where it is not deployed there is nothing to do. */
export async function destroy(invocation: Invocation): Promise<void> {
  const { stack: name, report } = invocation;
  await alone("destroy", invocation, async (session) => {
    const destroyed = await runEngine(session, invocation, false, (stack, run) => stack.destroy(run));
    if (destroyed) await removeStack(name, session.environment);
    report(`Stack ${name} is ${destroyed ? "gone" : "not deployed"}.`);
  });
}
