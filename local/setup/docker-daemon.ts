import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findOnPath, run } from "../system/command.ts";
import { lastLines, ToolchainError } from "../system/errors.ts";
import { writeFileAtomically } from "../system/files.ts";
import { readLiving, startOf } from "../system/processes.ts";
import { withProgress } from "../system/report.ts";
import { aptInstall, isDebianRoot } from "./apt.ts";
import { type Context, inCache } from "./context.ts";

/** Seconds that a daemon may take to answer. */
const patience = 60;

const noDaemon =
  "No Docker daemon answers at /var/run/docker.sock: start it (`sudo systemctl start docker`, or Docker Desktop), or install it (https://docs.docker.com/engine/install).";

/** Whether a daemon runs that a command of this project started. */
export async function isStartedByUs(cacheDirectory: string): Promise<boolean> {
  return (await readLiving(markerOf(cacheDirectory))) !== undefined;
}

/**
 * Starts a daemon at the default socket, after installing Debian's where there is none, and waits until it answers.
 * It is meant to outlive this process and is never stopped by this project.
 *
 * @param answers - asks the default socket.
 * @throws ToolchainError when this machine or user is not one for which that can be done, or when it fails.
 */
export async function startDaemon(context: Context, answers: () => Promise<boolean>): Promise<void> {
  if (!(await isDebianRoot(context.path))) throw new ToolchainError(noDaemon);
  await inCache(context, "docker", "starting a Docker daemon", async () => {
    // Whoever held the lock before us may have started it.
    if (await answers()) return;
    if (!dockerd(context.path))
      await aptInstall(["docker.io"], "There is no Docker daemon: installing Debian's docker.io", context);
    await withProgress(context.report, "Starting a Docker daemon", async () => {
      if (await isDaemonStarting()) return waitFor(answers, () => false, "/var/log/docker.log");
      if (existsSync("/run/systemd/system")) return startService(answers);
      await startDetached(context, answers);
    });
  });
}

function dockerd(path: string): string | undefined {
  return findOnPath("dockerd", `${path}:/usr/sbin:/usr/local/sbin`);
}

/** True when a dockerd runs that does not answer yet: the package may start its own while it is installed. */
async function isDaemonStarting(): Promise<boolean> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const name = await readFile(`/proc/${entry}/comm`, "utf8").catch(() => "");
    // A dead one that nobody has waited for has a name still, and no start.
    if (name.trim() === "dockerd" && (await startOf(Number(entry)))) return true;
  }
  return false;
}

async function startService(answers: () => Promise<boolean>): Promise<void> {
  const started = await run("systemctl", ["start", "docker"]);
  if (started.status !== 0) {
    throw new ToolchainError(
      `\`systemctl start docker\` failed (${lastLines(started.output)}): see \`journalctl -u docker\`.`,
    );
  }
  await waitFor(answers, () => false, "journalctl -u docker");
}

/** Without systemd: a process of its own session, its log and process id in the cache. */
async function startDetached(
  { cacheDirectory, path }: Context,
  answers: () => Promise<boolean>,
): Promise<void> {
  const directory = join(cacheDirectory, "docker");
  await mkdir(directory, { recursive: true });
  const [log, pidFile] = [join(directory, "dockerd.log"), join(directory, "dockerd.pid")];
  // Left by a daemon that did not end well; its process id may be another process's by now.
  await rm(pidFile, { force: true });
  const output = openSync(log, "w", 0o600);
  const child = spawn(dockerd(path)!, ["--pidfile", pidFile], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  let ended = false;
  for (const event of ["error", "exit"])
    child.on(event, () => {
      ended = true;
    });
  child.unref();
  if (child.pid !== undefined) {
    const daemon = { pid: child.pid, started: (await startOf(child.pid)) ?? "" };
    await writeFileAtomically(markerOf(cacheDirectory), JSON.stringify(daemon));
  }
  await waitFor(answers, () => ended, log);
}

async function waitFor(answers: () => Promise<boolean>, ended: () => boolean, log: string): Promise<void> {
  const deadline = Date.now() + patience * 1000;
  while (!(await answers())) {
    if (ended() || Date.now() > deadline) {
      const text = await readFile(log, "utf8").catch(() => "");
      const what = ended() ? "ended at once" : `did not answer within ${patience} s`;
      const quote = text ? ` (${lastLines(text, 1)})` : "";
      throw new ToolchainError(`The Docker daemon ${what}${quote}: see ${log}, or start one yourself.`);
    }
    await delay(200);
  }
}

function markerOf(cacheDirectory: string): string {
  return join(cacheDirectory, "docker", "daemon.json");
}
