import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { rm as removeForGood } from "node:fs/promises";
import { join } from "node:path";
import type Docker from "dockerode";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ensureBaseImage } from "../../local/setup/base-image.ts";
import { ensureEngine } from "../../local/setup/engine.ts";
import { ensureRegistry } from "../../local/setup/registry.ts";
import { fakeGo, machine, script, sentence } from "./sandbox.ts";

/** What a path must contain that cannot be removed: what was half-made. */
const stuck = vi.hoisted(() => ({ path: "" }));
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const rm: typeof removeForGood = (path, options) =>
    stuck.path !== "" && String(path).includes(stuck.path)
      ? Promise.reject(new Error("it is stuck"))
      : real.rm(path, options);
  return { ...real, rm };
});
vi.mock("@pulumi/pulumi/automation/cmd.js", () => ({
  PulumiCommand: { install: () => Promise.reject(new Error("no tar")) },
}));

beforeEach(() => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed"))));
afterEach(() => {
  stuck.path = "";
  vi.unstubAllGlobals();
});

const tooToo = /\nCleaning up failed too: it is stuck$/;

/** A daemon that holds no image and reaches no registry. */
const offline = {
  listImages: async () => [],
  getImage: () => ({
    inspect: () => Promise.reject(Object.assign(new Error("no such image"), { statusCode: 404 })),
    distribution: () => Promise.reject(new Error("no such host")),
  }),
} as unknown as Docker;

it("a build with Go that fails is told of first", async () => {
  const { context, bin } = machine();
  fakeGo(bin, 'echo "no route to host" >&2; exit 1');
  stuck.path = `pulumi.${process.pid}`;
  const message = await sentence(ensureEngine(context));
  expect(message).toMatch(/^Go could not build the Pulumi engine v\S+ \(no route to host\)/);
  expect(message).toMatch(tooToo);
});

it("an installation of the engine that fails is told of first", async () => {
  vi.stubGlobal("fetch", async () => new Response());
  const { context, lines } = machine();
  stuck.path = `.${process.pid}`;
  await sentence(ensureEngine(context));
  expect(lines).toContain("The official installer failed: no tar");
});

it("a base image that cannot be made is told of first", async () => {
  const { context, bin } = machine();
  const npm = join(bin, "..", "npm");
  mkdirSync(join(npm, "bin"), { recursive: true });
  writeFileSync(join(npm, "package.json"), "{}");
  script(join(npm, "bin", "npm-cli.js"), "");
  symlinkSync(join(npm, "bin", "npm-cli.js"), join(bin, "npm"));
  script(join(bin, "mmdebstrap"), "echo 'E: unreachable' >&2; exit 1");
  stuck.path = "base-image/";
  const message = await sentence(ensureBaseImage(context, offline, "clone"));
  expect(message).toMatch(/^mmdebstrap could not make a base image \(E: unreachable\)/);
  expect(message).toMatch(tooToo);
});

it("a registry that cannot be taken out of its image is told of first, and its folder is removed", async () => {
  const fails = (message: string) => () => Promise.reject(new Error(message));
  const daemon = {
    getImage: () => ({ inspect: async () => ({}) }),
    createContainer: async () => ({ getArchive: fails("no such file"), remove: fails("it is stuck") }),
  } as unknown as Docker;
  await expect(ensureRegistry(machine().context, async () => daemon)).rejects.toThrow(
    /^no such file\nCleaning up failed too: it is stuck$/,
  );
});
