import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface CommandResult {
  /** Exit status; undefined when a signal ended the command or it could not be started. */
  status: number | undefined;
  stdout: string;
  /** Both streams in the order in which they came; the reason when the command could not be started. */
  output: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Ends the command with SIGTERM after this many seconds. */
  timeoutSeconds?: number;
  /** Ends the command with SIGTERM. */
  signal?: AbortSignal;
}

/** Runs a command without a shell, its input closed, and resolves whatever its exit status. */
export function run(command: string, argv: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const { timeoutSeconds = 0, ...others } = options;
    const timeout = timeoutSeconds * 1000;
    const child = spawn(command, argv, { ...others, timeout, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", (error) => resolve({ status: undefined, stdout, output: error.message }));
    child.on("close", (status) => resolve({ status: status ?? undefined, stdout, output }));
  });
}

/** Absolute path of the first executable of this name on PATH. */
export function findOnPath(name: string, path = process.env.PATH ?? ""): string | undefined {
  for (const folder of path.split(delimiter)) {
    if (folder === "") continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
