import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import type messages from "@pulumi/pulumi/proto/language_pb.js";

type RunRequest = InstanceType<typeof messages.RunRequest>;

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

  async run(request: RunRequest, engineAddress: string): Promise<ProgramResult> {
    const info = request.getInfo();
    if (!info) throw new Error("The engine did not say which program to run: it is too old");
    const directory = info.getProgramDirectory();
    const script = locate(directory);
    if (!script) {
      return { error: `@pulumi/pulumi is not installed in ${directory}: run \`npm ci\` there.` };
    }
    /** `runtime.options` of Pulumi.yaml. */
    const options = info.getOptions()?.toJavaScript() ?? {};
    const nodeArguments = String(options.nodeargs ?? "")
      .split(/\s+/)
      .filter(Boolean);
    const flags = {
      monitor: request.getMonitorAddress(),
      engine: engineAddress,
      organization: request.getOrganization(),
      project: request.getProject(),
      "root-directory": info.getRootDirectory(),
      stack: request.getStack(),
      pwd: directory,
      parallel: String(request.getParallel()),
    };
    const given = Object.entries(flags).filter(([, value]) => value !== "");
    const argv = [
      ...given.flatMap(([name, value]) => [`--${name}`, value]),
      ...(request.getDryrun() ? ["--dry-run"] : []),
      ...[info.getEntryPoint(), ...request.getArgsList()],
    ];
    const child = spawn(process.execPath, [...nodeArguments, script, ...argv], {
      cwd: directory,
      env: programEnvironment(request, options),
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

async function end(child: ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), graceSeconds * 1000);
  child.kill("SIGINT");
  await once(child, "close");
  clearTimeout(timer);
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

function programEnvironment(request: RunRequest, options: Record<string, unknown>): NodeJS.ProcessEnv {
  const { typescript = true, tsconfig } = options;
  const configEntries = request.getConfigMap().entries() as unknown as Iterable<[string, string]>;
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(configEntries)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: String(tsconfig) } : {}),
  };
}
