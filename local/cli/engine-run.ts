import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { openStack } from "../stack/backend.ts";
import { removeStaleLocks } from "../stack/locks.ts";
import { copyConfig } from "../stack/settings-copy.ts";
import type { Invocation } from "./invocation.ts";
import type { Session } from "./session.ts";

/** Options of an engine run: its output goes to the person as it comes. */
export interface EngineRun {
  configFile: string;
  color: "always" | "never";
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  /** Off: with secrets, the Automation API's look at the history writes an encryption salt to the stack's file. */
  showSecrets: false;
}

/**
 * Opens the stack, new or not, with a fresh copy of its settings, and runs `work` on it. Ctrl-C reaches the engine by
 * the terminal; this process waits until the engine has finished and recorded the running operation.
 *
 * @throws Error when the engine fails; what failed is in its output.
 */
export async function runEngine<T>(
  session: Session,
  invocation: Invocation,
  work: (stack: Stack, run: EngineRun) => Promise<T>,
): Promise<T> {
  const { environment, machineSettings } = session;
  await removeStaleLocks(invocation.stack);
  const stack = await openStack(invocation.stack, environment);
  const run: EngineRun = {
    configFile: await copyConfig(invocation.stack, machineSettings),
    color: process.stdout.isTTY ? "always" : "never",
    onOutput: (text) => process.stdout.write(text),
    onError: (text) => process.stderr.write(text),
    showSecrets: false,
  };
  let told = false;
  const interrupted = () => {
    // Through npm, one Ctrl-C comes twice: from the terminal and from npm.
    if (!told) invocation.report("Interrupted: waiting for the engine to finish the running operation.");
    told = true;
  };
  process.on("SIGINT", interrupted);
  try {
    return await work(stack, run);
  } catch (error) {
    throw isCommandError(error) ? new Error("The engine reported an error (see above).") : error;
  } finally {
    process.off("SIGINT", interrupted);
  }
}

/** An engine's exit status, whose message repeats all output that was shown as it came. */
function isCommandError(error: unknown): boolean {
  return error instanceof Error && "commandResult" in error;
}
