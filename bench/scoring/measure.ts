import { type ChildProcess, execFile, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { processes } from "../../test/scoring-app/processes.ts";

/** A folder until the process ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  return folder;
}

/** A server under test: how to start it on a port. */
export interface Contender {
  name: string;
  command: string[];
  env: Record<string, string>;
  cwd: string;
  /** Where it scores, and the body it takes for rows; /score and {"data"} unless told. */
  path?: string;
  bodyOf?: (rows: number[][]) => string;
  /** Cores that it may use, as taskset takes them; "0" unless told. */
  cores?: string;
}

export const pathOf = (contender: Contender) => contender.path ?? "/score";
export const bodyFor = (contender: Contender, rows: number[][]) =>
  contender.bodyOf?.(rows) ?? JSON.stringify({ data: rows });

export interface Running {
  port: number;
  child: ChildProcess;
  readyMs: number;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

/** Processes that lead a group: none outlives this one, however it ends. */
const leaders = new Set<number>();
process.once("exit", () => leaders.forEach(endGroup));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

function endGroup(leader: number): void {
  leaders.delete(leader);
  try {
    process.kill(-leader, "SIGTERM");
  } catch (error) {
    // All have ended by themselves: that failed the measurement, whose error tells more.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** As spawn; with its children it is a group of its own. */
export function spawnGroup(command: string, words: string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, words, { stdio: "ignore", ...options, detached: true });
  if (child.pid !== undefined) leaders.add(child.pid);
  return child;
}

/** Starts a contender on its cores and waits until it has scored these rows. */
export async function start(contender: Contender, rows: number[][]): Promise<Running> {
  const port = await freePort();
  const body = bodyFor(contender, rows);
  const command = contender.command.map((part) => part.replace("$PORT", String(port)));
  const env = Object.fromEntries(
    Object.entries(contender.env).map(([name, value]) => [name, value.replace("$PORT", String(port))]),
  );
  const began = performance.now();
  const child = spawnGroup("taskset", ["-c", contender.cores ?? "0", ...command], {
    cwd: contender.cwd,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PYTHONDONTWRITEBYTECODE: "1",
      ...env,
      PORT: String(port),
    },
  });
  const deadline = began + 60_000;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}${pathOf(contender)}`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body,
    }).catch(() => undefined);
    if (performance.now() > deadline || child.exitCode !== null)
      throw new Error(`${contender.name} did not start`);
    if (answer?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const readyMs = performance.now() - began;
  return {
    port,
    child,
    readyMs,
    async stop() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      endGroup(child.pid!);
      await ended;
    },
  };
}

/** Every process of the session that `start` made. */
const processesOf = (running: Running): number[] =>
  processes().flatMap(({ pid, session }) => (session === running.child.pid ? pid : []));

/** Resident memory of all processes, in MB; what several processes share is counted in each. */
export function memory(running: Running): number {
  let kilobytes = 0;
  for (const pid of processesOf(running)) {
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  }
  return kilobytes / 1024;
}

/**
 * Memory of all processes in MB; what several of them share is counted once. It is what PSS tells where nobody else has the same
 * files open: this bench runs by the same Node.
 */
export function sharedMemory(running: Running): number {
  let kilobytes = 0;
  const ofFiles = new Map<string, number>();
  for (const pid of processesOf(running)) {
    const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
    const numberOf = (text: string, name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
    kilobytes += numberOf(read("smaps_rollup"), "Pss_Anon");
    for (const mapping of read("smaps").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const [, offset, file] = /^\S+ \S+ (\S+) \S+ \S+ *(\/.*)$/m.exec(mapping) ?? [];
      if (file === undefined) continue;
      const part = `${file} ${offset}`;
      const size = numberOf(mapping, "Rss") - numberOf(mapping, "Anonymous");
      ofFiles.set(part, Math.max(ofFiles.get(part) ?? 0, size));
    }
  }
  return (kilobytes + sum([...ofFiles.values()])) / 1024;
}

/** CPU seconds that all processes have used in their own code and in the kernel. */
export function cpuSeconds(running: Running): { user: number; kernel: number } {
  let user = 0;
  let kernel = 0;
  for (const pid of processesOf(running)) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    user += Number(fields[11]) / 100;
    kernel += Number(fields[12]) / 100;
  }
  return { user, kernel };
}

export interface Load {
  perSecond: number;
  p50: number;
  p99: number;
  errors: number;
}

/** A wrk script that posts these bodies in rotation and prints what `load` reads. */
export function writeScript(file: string, path: string, bodies: string[]): void {
  const list = bodies.map((body) => `[==[${body}]==]`).join(",\n");
  writeFileSync(
    file,
    `local bodies = {${list}}
local requests = {}
local at = 0
init = function()
  for i, body in ipairs(bodies) do
    requests[i] = wrk.format("POST", "${path}", { ["Content-Type"] = "application/json" }, body)
  end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
`,
  );
}

/** Loads a server from core 1, or from others. @param origin e.g. `http://127.0.0.1:8080` */
export async function load(
  origin: string,
  script: string,
  connections: number,
  seconds: number,
  cores = "1",
): Promise<Load> {
  const { stdout } = await promisify(execFile)("taskset", [
    ...["-c", cores, "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, origin],
  ]);
  const [, perSecond, p50, p99, errors] = /RESULT (\S+) (\S+) (\S+) (\d+)/.exec(stdout)!.map(Number);
  return { perSecond: perSecond!, p50: p50!, p99: p99!, errors: errors! };
}

let state = 42;
const random = () => {
  state = (state * 1103515245 + 12345) % 2 ** 31;
  return Number((state / 2 ** 31 - 0.5).toFixed(6));
};

/** Tables of ten columns; numbers of a fixed sequence, so that every run has the same bodies. */
export const tables = (count: number, rows: number) =>
  Array.from({ length: count }, () => Array.from({ length: rows }, () => Array.from({ length: 10 }, random)));

export const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

export const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
