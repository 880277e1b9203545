import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { cloneTag, prepareToolchain } from "../../local/toolchain/prepare.ts";
import { fakeGo, machine, sentence } from "./sandbox.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

it("ends what is being built when another part fails, and tells of that part", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  vi.stubEnv("DOCKER_HOST", "unix:///nonexistent/docker.sock");
  const { context, bin } = machine();
  // `exec`, so that what is ended is the sleep itself.
  fakeGo(bin, `echo begun > ${bin}/begun; exec /bin/sleep 600`);
  const options = {
    cacheDirectory: context.cacheDirectory,
    stateDirectory: join(bin, "state"),
    path: bin,
  };
  expect(await sentence(prepareToolchain(context.report, options))).toContain("DOCKER_HOST names");
});

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
