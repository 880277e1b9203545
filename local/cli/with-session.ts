import { modelFolder } from "../stack/model-folder.ts";
import { stackExists } from "../stack/records.ts";
import { usingLocalAzure, withCloneLock, withStackLock } from "./at-work.ts";
import type { Invocation } from "./invocation.ts";
import { joinSession, openSession, type Session } from "./session.ts";

type Work = (session: Session) => Promise<void>;

/**
 * Runs `work` with the tool chain and local Azure, alone on its stack: another command that changes the stack waits and says
 * for whom.
 *
 * @param command - as a person typed it, e.g. `up`.
 */
export function withExclusiveSession(command: string, invocation: Invocation, work: Work): Promise<void> {
  return withStackLock(command, invocation, async () => {
    const { python } = await modelFolder(invocation.stack, invocation.model);
    await usingLocalAzure(command, invocation, () => openSession(invocation.report, python), work);
  });
}

/**
 * `withExclusiveSession` for a command on stacks of which one has to be there. Where none is, nothing is prepared and started.
 *
 * @returns false where none exists.
 */
export function withDeployedStack(
  command: string,
  invocation: Invocation,
  stacks: readonly string[],
  work: Work,
): Promise<boolean> {
  return withStackLock(command, invocation, async () => {
    if (!(await Promise.all(stacks.map(stackExists))).includes(true)) return false;
    await usingLocalAzure(command, invocation, () => openSession(invocation.report), work);
    return true;
  });
}

/** What is to be said of a stack that does not exist. */
export function notDeployed({ stack }: Invocation): string {
  return `Stack ${stack} is not deployed: \`npm run local -- up --stack ${stack}\` deploys it.`;
}

/** `withExclusiveSession` for a command that only reads: it waits only where local Azure has to be started first. */
export async function withSession(command: string, invocation: Invocation, work: Work): Promise<void> {
  const { report, stack } = invocation;
  const { python } = await modelFolder(stack, undefined);
  const open = () => withCloneLock(command, invocation, () => openSession(report, python));
  await work((await joinSession(python)) ?? (await open()));
}
