import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Distribution } from "../../../../local/azure/container-registry/runtime/distribution.ts";
import { startOf } from "../../../../local/system/processes.ts";
import { echoRegistry } from "../../local-azure.ts";

let directory: string;
let logs: string[];
let distribution: Distribution;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "distribution-test-"));
  logs = [];
  distribution = new Distribution(echoRegistry, directory, (line) => logs.push(line));
});
afterEach(async () => {
  await distribution.stop();
  await rm(directory, { recursive: true, force: true });
});

const answers = () =>
  new Promise<boolean>((resolve) => {
    const asked = request({ socketPath: distribution.socket, path: "/v2/" }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once("error", () => resolve(false));
    asked.end();
  });

describe("the registry's process", () => {
  it("answers on a socket in a folder that only its owner enters", async () => {
    await distribution.start();
    expect(await answers()).toBe(true);
    expect((await stat(dirname(distribution.socket))).mode & 0o777).toBe(0o700);
  });

  it("is started again when it dies", async () => {
    await distribution.start();
    const { pid } = distribution;
    process.kill(pid!, "SIGKILL");
    await expect.poll(() => distribution.pid !== pid && answers(), { timeout: 10_000 }).toBe(true);
    expect(logs.join("\n")).toContain("it ended (SIGKILL); starting it again");
  });

  it("is gone after stop, with its socket", async () => {
    await distribution.start();
    const pid = distribution.pid!;
    await distribution.stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(existsSync(distribution.socket)).toBe(false);
  });

  it("has a socket elsewhere when the folder's path is too long for one", async () => {
    const deep = join(directory, "d".repeat(120));
    await mkdir(deep);
    distribution = new Distribution(echoRegistry, deep, (line) => logs.push(line));
    await distribution.start();
    expect(await answers()).toBe(true);
    const sockets = dirname(distribution.socket);
    expect((await stat(sockets)).mode & 0o777).toBe(0o700);
    await distribution.stop();
    expect(existsSync(sockets)).toBe(false);
  });

  it("is gone after stop, though its folder went before", async () => {
    await distribution.start();
    const pid = distribution.pid!;
    await rm(directory, { recursive: true });
    await distribution.stop();
    expect(await startOf(pid)).toBeUndefined();
  });

  it("is gone after stop when its folder has been deleted", async () => {
    await distribution.start();
    const pid = distribution.pid!;
    await rm(directory, { recursive: true });
    await distribution.stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("is gone after a stop that comes while it starts", async () => {
    const silent = join(directory, "silent");
    await writeFile(silent, "#!/bin/sh\nexec sleep 600\n", { mode: 0o700 });
    distribution = new Distribution(silent, directory, (line) => logs.push(line));
    const failed = expect(distribution.start()).rejects.toThrow("it was stopped");
    await expect.poll(() => distribution.pid).toBeDefined();
    await distribution.stop();
    await failed;
    expect(() => process.kill(distribution.pid!, 0)).toThrow("ESRCH");
    expect(await readdir(directory)).not.toContain("process.json");
  });

  it("leaves no folder of a socket behind when it is started again", async () => {
    const deep = join(directory, "d".repeat(120));
    await mkdir(deep);
    distribution = new Distribution(echoRegistry, deep, (line) => logs.push(line));
    await distribution.start();
    const { pid, socket } = distribution;
    process.kill(pid!, "SIGKILL");
    await expect.poll(() => distribution.socket !== socket && answers(), { timeout: 10_000 }).toBe(true);
    expect(existsSync(dirname(socket))).toBe(false);
  });

  it("says why when it does not start", async () => {
    distribution = new Distribution("/nowhere/registry", directory, (line) => logs.push(line));
    await expect(distribution.start()).rejects.toThrow(/\/nowhere\/registry did not start: .*ENOENT/);
  });
});

describe("a process that was left behind", () => {
  const leftover = async (started: (actual: string) => string) => {
    const child = spawn("sleep", ["600"]);
    const sockets = join(directory, "old");
    const file = join(directory, "process.json");
    const actual = (await startOf(child.pid!))!;
    await writeFile(file, JSON.stringify({ pid: child.pid, started: started(actual), sockets }));
    return child;
  };

  it("is ended when it is the one that was started", async () => {
    const child = await leftover((actual) => actual);
    const exit = once(child, "exit");
    await distribution.start();
    expect(await exit).toEqual([null, "SIGTERM"]);
    expect(JSON.parse(await readFile(join(directory, "process.json"), "utf8")).pid).toBe(distribution.pid);
  });

  it("is left alone when another process has its id by now", async () => {
    const child = await leftover(() => "another boot");
    await distribution.start();
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.kill();
    await once(child, "exit");
  });
});
