import { ensureStack } from "../stack/backend.ts";
import { runEngine } from "../stack/engine.ts";
import { removeStaleLocks } from "../stack/locks.ts";
import { copyConfig } from "../stack/settings-copy.ts";
import { repository } from "../system/clone.ts";
import type { Invocation } from "./invocation.ts";
import type { Session } from "./session.ts";

/**
 * Runs one of the engine's operations on the stack, new or not, with a fresh copy of its settings; what the engine
 * prints goes to the person as it comes. Ctrl-C reaches the engine by the terminal; this process waits until the
 * engine has finished and recorded the running operation.
 *
 * @param operation - the engine's command and its flags.
 * @throws Error when the engine fails; what failed is in its output.
 */
export async function operate(session: Session, invocation: Invocation, operation: string[]): Promise<void> {
  const { environment, machineSettings } = session;
  const { stack, report } = invocation;
  await removeStaleLocks(stack);
  await ensureStack(stack, environment);
  const configFile = await copyConfig(stack, machineSettings);
  const color = process.stdout.isTTY ? "always" : "never";
  let told = false;
  const interrupted = () => {
    // Through npm, one Ctrl-C comes twice: from the terminal and from npm.
    if (!told) report("Interrupted: waiting for the engine to finish the running operation.");
    told = true;
  };
  process.on("SIGINT", interrupted);
  try {
    await runEngine([...operation, "--stack", stack, "--config-file", configFile, "--color", color], {
      directory: repository,
      environment,
      onOutput: (text, stream) => process[stream].write(text),
    });
  } finally {
    process.off("SIGINT", interrupted);
  }
}
