import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the engine asks to run. */
export interface ProgramRequest {
  engineAddress: string;
  monitorAddress: string;
  organization: string;
  project: string;
  stack: string;
  rootDirectory: string;
  programDirectory: string;
  /** Path of the entry point within the program's directory, or ".". */
  entryPoint: string;
  dryRun: boolean;
  parallel: number;
  args: string[];
  /** Key as the engine writes it (`project:name`) → value. */
  config: Record<string, string>;
  configSecretKeys: string[];
  /** `runtime.options` of Pulumi.yaml. */
  options: Record<string, unknown>;
}

/** How it ended: nothing after success, an error for the engine to show, or `bail` when the program showed it. */
export interface ProgramResult {
  error?: string;
  bail?: boolean;
}

/** Exit status of @pulumi/pulumi/cmd/run after it has shown the error itself. */
const shown = 32;

/** Seconds that a program may take to end once it is asked to. */
const graceSeconds = 5;

/** Runs programs as Pulumi's own language host does: `node @pulumi/pulumi/cmd/run FLAGS ENTRY-POINT`. */
export class Program {
  readonly #running = new Set<ChildProcess>();

  run(request: ProgramRequest): Promise<ProgramResult> {
    const script = locate(request.programDirectory);
    if (!script) {
      return Promise.resolve({
        error: `@pulumi/pulumi is not installed in ${request.programDirectory}: run \`npm ci\` there.`,
      });
    }
    const nodeArguments = String(request.options.nodeargs ?? "")
      .split(/\s+/)
      .filter(Boolean);
    const child = spawn(process.execPath, [...nodeArguments, script, ...programArguments(request)], {
      cwd: request.programDirectory,
      env: programEnvironment(request),
      // What the program prints is the engine's to show: it reads this process's own streams.
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#running.add(child);
    return new Promise((resolve) => {
      child.on("error", (error) => resolve({ error: `The program could not be started: ${error.message}` }));
      child.on("close", (status, signal) => {
        this.#running.delete(child);
        resolve(resultOf(status, signal));
      });
    });
  }

  /** Ends what runs: SIGINT, then SIGKILL when that was not enough. */
  async cancel(): Promise<void> {
    await Promise.all([...this.#running].map(end));
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), graceSeconds * 1000);
    child.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill("SIGINT");
  });
}

function resultOf(status: number | null, signal: NodeJS.Signals | null): ProgramResult {
  if (status === 0) return {};
  if (status === shown) return { bail: true };
  if (signal) return { error: `Program was ended by ${signal}` };
  return { error: `Program exited with non-zero exit code: ${status}` };
}

/** The program's own copy of the SDK runs it. */
function locate(programDirectory: string): string | undefined {
  try {
    return createRequire(join(programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return undefined;
  }
}

function programArguments(request: ProgramRequest): string[] {
  const flags: [string, string][] = [
    ["monitor", request.monitorAddress],
    ["engine", request.engineAddress],
    ["organization", request.organization],
    ["project", request.project],
    ["root-directory", request.rootDirectory],
    ["stack", request.stack],
    ["pwd", request.programDirectory],
    ["parallel", String(request.parallel)],
  ];
  const given = flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]);
  return [...given, ...(request.dryRun ? ["--dry-run"] : []), request.entryPoint, ...request.args];
}

function programEnvironment(request: ProgramRequest): NodeJS.ProcessEnv {
  const { typescript = true, tsconfig } = request.options;
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(request.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.configSecretKeys),
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: String(tsconfig) } : {}),
  };
}
