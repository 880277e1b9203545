import { existsSync, watch, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { cloneTag, prepareToolchain } from "../../local/setup/prepare.ts";
import { fakeGo, machine, sentence } from "./sandbox.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

it("ends what is being built when another part fails, and tells of that part", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  const { context, bin } = machine();
  // `exec`, so that what is ended is the sleep itself.
  fakeGo(bin, `echo begun > ${bin}/begun; exec /bin/sleep 600`);
  vi.stubEnv("DOCKER_HOST", `unix://${await daemonThatFailsOnce(bin, "begun")}`);
  const options = {
    cacheDirectory: context.cacheDirectory,
    stateDirectory: join(bin, "state"),
    path: bin,
  };
  expect(await sentence(prepareToolchain(context.report, options))).toMatch(/DOCKER_HOST names \(.*500/);
});

/** A Docker daemon that answers with an error as soon as a file of this name appears. */
async function daemonThatFailsOnce(folder: string, name: string): Promise<string> {
  const socket = join(folder, "docker.sock");
  const appeared = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_, file) => {
      if (file !== name) return;
      watcher.close();
      resolve();
    });
  });
  const server = createServer((_, response) => void appeared.then(() => response.writeHead(500).end()));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return socket;
}

it("stops before anything else where the clone cannot be written", async () => {
  const { context, bin } = machine();
  writeFileSync(join(bin, "file"), "");
  const options = { cacheDirectory: context.cacheDirectory, stateDirectory: join(bin, "file"), path: bin };
  expect(await sentence(prepareToolchain(context.report, options))).toMatch(
    /^Cannot write to .*: make it writable, or use a clone in a place that is\.$/,
  );
  expect(existsSync(context.cacheDirectory)).toBe(false);
});

it("names clones apart, in characters that an image's name may have", () => {
  expect(cloneTag("/home/a/clone/.local")).toMatch(/^[0-9a-f]{12}$/);
  expect(cloneTag("/home/a/clone/.local")).not.toBe(cloneTag("/home/b/clone/.local"));
});
