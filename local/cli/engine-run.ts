import { ensureStack } from "../stack/backend.ts";
import { type EngineRun, runEngine } from "../stack/engine.ts";
import { removeStaleLocks } from "../stack/locks.ts";
import { wasInterrupted } from "../stack/records.ts";
import { copyConfig, type SettingsSource } from "../stack/settings-copy.ts";
import { paths, repository } from "../system/clone.ts";
import { startOf } from "../system/processes.ts";
import type { Invocation } from "./invocation.ts";
import { recoverStack } from "./recover.ts";
import type { Session } from "./session.ts";

/** What an operation has that is not the stack's own. */
export interface Others extends Partial<Pick<EngineRun, "start">> {
  settings?: SettingsSource;
  /** Gets what the engine prints, instead of the person. */
  onOutput?: EngineRun["onOutput"];
}

/**
 * Runs one of the engine's operations on the stack, new or not, with a fresh copy of its settings; what the engine
 * prints goes to the person as it comes. Ctrl-C reaches the engine by the terminal; this process waits until the
 * engine has finished and recorded the running operation.
 *
 * @param operation - the engine's command and its flags.
 * @throws Error when the engine fails; what failed is in its output.
 */
export async function operate(
  session: Session,
  invocation: Invocation,
  operation: string[],
  { settings, ...others }: Others = {},
): Promise<void> {
  const { azure, environment, machineSettings } = session;
  const { stack, report, model } = invocation;
  await removeStaleLocks(stack);
  await ensureStack(stack, environment);
  const configFile = await copyConfig(stack, machineSettings, model, settings);
  const color = process.stdout.isTTY ? "always" : "never";
  let told = false;
  const interrupted = () => {
    // Through npm, one Ctrl-C comes twice: from the terminal and from npm.
    if (!told) report("Interrupted: waiting for the engine to finish the running operation.");
    told = true;
  };
  process.on("SIGINT", interrupted);
  const isThere = async () => (await startOf(azure.pid)) === azure.started;
  const gone = new AbortController();
  // Without it the program would wait for the web app until its time is up.
  const watch = setInterval(async () => (await isThere()) || gone.abort(), 1000);
  try {
    if (operation[0] !== "preview" && (await wasInterrupted(stack))) await recoverStack(session, invocation);
    // Between two engines Ctrl-C has reached none.
    if (told) throw new Error(`\`${operation[0]}\` was interrupted before it began.`);
    await runEngine([...operation, "--stack", stack, "--config-file", configFile, "--color", color], {
      directory: repository,
      environment,
      onOutput: (text, stream) => process[stream].write(text),
      ...others,
      signal: gone.signal,
    });
  } catch (error) {
    if (await isThere()) throw error;
    const [command] = operation;
    throw new Error(
      `Local Azure (process ${azure.pid}) has ended in the middle of \`${command}\`: \`npm run local -- ${command} --stack ${stack}\` starts it again and goes on from there; ${paths.backgroundLog} may say why it ended.`,
    );
  } finally {
    clearInterval(watch);
    process.off("SIGINT", interrupted);
  }
}
