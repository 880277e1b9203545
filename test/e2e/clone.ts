import { execFile, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parse } from "yaml";
import { endProcess, processesWith, startOf } from "../../local/system/processes.ts";

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const modules = join(repository, "node_modules");
const execute = promisify(execFile);

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Running {
  pid: number;
  /** Resolves when the command has printed `text` so many times; rejects when it ended without. */
  printed(text: string, times?: number): Promise<void>;
  ended: Promise<Result>;
}

/** A clone of this working tree in a folder of its own, which a test may edit and deploy from. */
export class Clone {
  readonly folder: string;
  /** What every command here has printed, and still prints. */
  readonly runs: Result[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Copies what git would commit, and node_modules.
   *
   * @param commit - takes the files of this commit instead.
   */
  static async create(commit?: string): Promise<Clone> {
    const folder = await mkdtemp(join(tmpdir(), "clone-"));
    const archived = ["-c", 'git archive "$0" | tar -x -C "$1"', commit ?? "", folder];
    if (commit) await execute("bash", archived, { cwd: repository });
    else await copyWorkingTree(folder);
    // Hard links where the file system can: a copy, so that an `npm ci` in the clone leaves this checkout alone.
    await execute("cp", ["-al", modules, folder]).catch(() => execute("cp", ["-a", modules, folder]));
    // Which plugins the tests use, whatever the person who runs them has installed.
    await mkdir(join(folder, ".local"), { mode: 0o700 });
    await writeFile(join(folder, ".local", "plugins"), "stand-in", { mode: 0o600 });
    await execute("git", ["init", "-q"], { cwd: folder });
    await execute("git", ["add", "-A", "."], { cwd: folder });
    await execute("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "clone"], {
      cwd: folder,
    });
    return new Clone(folder);
  }

  /** `npm run -s local -- ARGUMENTS`, waited for. */
  local(...argv: string[]): Promise<Result> {
    return this.run("npm", ["run", "-s", "local", "--", ...argv]);
  }

  /** The same, which must succeed. */
  async succeed(...argv: string[]): Promise<Result> {
    const result = await this.local(...argv);
    if (result.status !== 0) {
      throw new Error(
        `npm run local -- ${argv.join(" ")}: exit code ${result.status}\n${result.stdout}\n${result.stderr}`,
      );
    }
    return result;
  }

  run(command: string, argv: string[], environment?: NodeJS.ProcessEnv): Promise<Result> {
    return this.start(command, argv, { environment }).ended;
  }

  /**
   * Starts a command.
   *
   * @param options - `terminal` gives it a process group of its own, as a shell on a terminal does:
   *   `process.kill(-pid, "SIGINT")` is Ctrl-C.
   */
  start(
    command: string,
    argv: string[],
    options: { environment?: NodeJS.ProcessEnv; terminal?: boolean } = {},
  ): Running {
    const child = spawn(command, argv, {
      cwd: this.folder,
      env: options.environment ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: options.terminal ?? false,
    });
    const result: Result = { status: null, stdout: "", stderr: "" };
    this.runs.push(result);
    const progress = new EventEmitter();
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        result[name] += text;
        progress.emit("printed");
      });
    }
    const ended = new Promise<Result>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => resolve(Object.assign(result, { status })));
    });
    const printed = (text: string, times = 1) =>
      new Promise<void>((resolve, reject) => {
        const look = () => (result.stdout + result.stderr).split(text).length > times && resolve();
        progress.on("printed", look);
        look();
        const late = () => reject(new Error(`${command} ended without '${text}': ${JSON.stringify(result)}`));
        ended.then(late, reject);
      });
    return { pid: child.pid!, printed, ended };
  }

  /** A command in a shell that has evaluated `npm run -s local -- env`. */
  shell(script: string): Promise<Result> {
    return this.run("bash", ["-c", `eval "$(npm run -s local -- env)" && ${script}`]);
  }

  /** The variables of `env`. */
  async environment(): Promise<Record<string, string>> {
    const { stdout } = await this.shell("env -0");
    return Object.fromEntries(stdout.split("\0").flatMap((line) => (line ? [split(line)] : [])));
  }

  async outputs(): Promise<Record<string, string>> {
    return JSON.parse((await this.succeed("outputs", "--json")).stdout) as Record<string, string>;
  }

  /** What the engine has recorded of stack dev. */
  async record(): Promise<{ resources?: { id?: string }[]; pending_operations?: unknown[] }> {
    const file = this.file(".local/pulumi/state/.pulumi/stacks/azure-ml-scoring/dev.json");
    return JSON.parse(await readFile(file, "utf8")).checkpoint.latest ?? {};
  }

  /** What the clone's background process, which runs, has written of itself. */
  async background(): Promise<{ pid: number; resourceManager: string }> {
    return JSON.parse(await readFile(this.file(".local/background.json"), "utf8"));
  }

  file(path: string): string {
    return join(this.folder, path);
  }

  /**
   * Destroys the stacks, stops local Azure and removes the folder. Whatever fails, nothing of the clone is left.
   *
   * @throws AggregateError with everything that failed, or was left.
   */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<unknown>) => {
      await work().catch((error: unknown) => failures.push(error));
    };
    for (const stack of await deployedStacks(this))
      await attempt(() => this.succeed("destroy", "--stack", stack));
    await attempt(() => this.succeed("stop"));
    await attempt(async () => {
      const containers = await containersOf(this);
      if (containers.length === 0) return;
      await execute("docker", ["rm", "-fv", ...containers]);
      throw new Error(`Containers ran on: ${containers}`);
    });
    await attempt(async () => {
      const processes = await processesOf(this);
      const lines = await Promise.all(processes.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8")));
      for (const pid of processes) await endProcess(pid, (await startOf(pid)) ?? "", 5);
      if (lines.length > 0) throw new Error(`Processes ran on:\n${lines.join("\n").replaceAll("\0", " ")}`);
    });
    await attempt(() => rm(this.folder, { recursive: true }));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("\n"));
  }
}

async function copyWorkingTree(folder: string): Promise<void> {
  const argv = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await execute("git", argv, { cwd: repository });
  for (const file of stdout.split("\0").filter(Boolean)) {
    // A file deleted in the working tree is still listed.
    await cp(join(repository, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

/** Names of the stacks that the clone's engine knows. */
async function deployedStacks(clone: Clone): Promise<string[]> {
  const project = parse(await readFile(clone.file("Pulumi.yaml"), "utf8")).name;
  const folder = clone.file(`.local/pulumi/state/.pulumi/stacks/${project}`);
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).flatMap((file) => /^([^.]+)\.json$/.exec(file)?.[1] ?? []);
}

/** Processes of a clone: those with a file of it among their arguments. */
export function processesOf(clone: Clone): Promise<number[]> {
  return processesWith((argument) => argument.startsWith(`${clone.folder}/`));
}

function split(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** Containers of a clone's web apps: ids, running or not. */
export async function containersOf(clone: Clone): Promise<string[]> {
  const filter = `label=azure-ml-scoring.clone=${clone.file(".local")}`;
  const { stdout } = await execute("docker", ["ps", "-aq", "--no-trunc", "--filter", filter]);
  return stdout.split("\n").filter(Boolean);
}
