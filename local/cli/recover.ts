import { runEngine } from "../stack/engine.ts";
import { recover } from "../stack/recovery.ts";
import { paths } from "../system/clone.ts";
import type { Invocation } from "./invocation.ts";
import { armClient, type Session } from "./session.ts";

/** What `npm run recover` does, on local Azure. The stack has a copy of its settings. */
export async function recoverStack(session: Session, { stack, report }: Invocation): Promise<void> {
  const { subscriptionId } = session.azure;
  const { arm } = await armClient(session);
  report(`The last command on stack ${stack} was interrupted: looking at what became of it.`);
  await recover({
    pulumi: (...words) =>
      runEngine([...words, "--stack", stack], {
        directory: paths.stackFiles,
        environment: session.environment,
      }),
    subscriptionId,
    async ask(below, apiVersion) {
      const path = `/subscriptions/${subscriptionId}${below}`;
      const { status, body } = await arm.send({ method: "GET", path, apiVersion });
      return { status, body: JSON.parse(body) };
    },
    report,
  });
}
