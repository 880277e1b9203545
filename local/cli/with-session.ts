import { modelFolder } from "../stack/model-folder.ts";
import { stackExists } from "../stack/records.ts";
import { paths, stateDirectory } from "../system/clone.ts";
import { withLock } from "../system/lock.ts";
import { ensureWritable } from "../system/writable.ts";
import type { Invocation } from "./invocation.ts";
import { joinSession, openSession, type Session } from "./session.ts";

type Work = (session: Session) => Promise<void>;

/**
 * Runs `work` with the tool chain and local Azure, alone in this clone: another command that changes something waits
 * and says for whom.
 *
 * @param command - as a person typed it, e.g. `up`.
 */
export function withExclusiveSession(command: string, invocation: Invocation, work: Work): Promise<void> {
  return withCloneLock(command, invocation, async () => {
    const { python } = await modelFolder(invocation.stack, invocation.model);
    await work(await openSession(invocation.report, python));
  });
}

/**
 * `withExclusiveSession` for a command on a stack that has to be there. Where it is not, nothing is prepared and started.
 *
 * @returns false where the stack does not exist.
 */
export function withDeployedStack(command: string, invocation: Invocation, work: Work): Promise<boolean> {
  return withCloneLock(command, invocation, async () => {
    if (!(await stackExists(invocation.stack))) return false;
    await work(await openSession(invocation.report));
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

/** Holds this clone's lock during `work`, without preparing anything. */
export async function withCloneLock<T>(
  command: string,
  invocation: Invocation,
  work: () => Promise<T>,
): Promise<T> {
  await ensureWritable(
    stateDirectory,
    "local Azure keeps its state there, so clone the repository to a place that can be written",
  );
  const what = `npm run local -- ${command} --stack ${invocation.stack}`;
  return withLock(paths.lock, what, invocation.report, work);
}
