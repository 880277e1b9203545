import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ensureEngine } from "../../local/setup/engine.ts";
import { fakeGo, machine, script, sentence } from "./sandbox.ts";

// No test may install an engine from the network.
beforeEach(() => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed"))));
afterEach(() => vi.unstubAllGlobals());

function fakeEngine(bin: string, version: string, languageHost = true): string {
  if (languageHost) script(join(bin, "pulumi-language-nodejs"), "exit 1");
  return script(join(bin, "pulumi"), `echo ${version}`);
}

describe("the engine on PATH", () => {
  it("is used when it is new enough", async () => {
    const { context, bin, lines } = machine();
    const pulumi = fakeEngine(bin, "v3.232.0");
    expect(await ensureEngine(context)).toBe(pulumi);
    expect(lines).toEqual([]);
  });

  it("is refused with its path, its version and the remedy when it is too old", async () => {
    const { context, bin } = machine();
    const pulumi = fakeEngine(bin, "v3.231.0");
    expect(await sentence(ensureEngine(context))).toBe(
      `The Pulumi engine ${pulumi} is 3.231.0, and 3.232.0 or newer is needed: update it (https://www.pulumi.com/docs/install), or take it off PATH to have one set up here.`,
    );
  });

  it("is refused when it says no version", async () => {
    const { context, bin } = machine();
    fakeEngine(bin, "nonsense");
    expect(await sentence(ensureEngine(context))).toContain("does not say a version: reinstall Pulumi");
  });

  it("is left aside, which is said, when it has no Node.js language host", async () => {
    const { context, bin, lines } = machine();
    fakeEngine(bin, "v3.232.0", false);
    fakeGo(bin, 'printf x > "$out"');
    expect(await ensureEngine(context)).toBe(join(context.cacheDirectory, "engine/v3.232.0/bin/pulumi"));
    expect(lines[0]).toContain("has no pulumi-language-nodejs beside it");
  });
});

describe("an engine built with Go", () => {
  it("is built once, for two that want it at the same time", async () => {
    const { context, bin, lines } = machine();
    fakeGo(bin, `echo built >> ${bin}/builds; printf x > "$out"`);
    const [one, two] = await Promise.all([ensureEngine(context), ensureEngine(context)]);
    expect(two).toBe(one);
    expect(readFileSync(join(bin, "builds"), "utf8")).toBe("built\n");
    expect(lines.find((line) => line.startsWith("Waiting for"))).toContain("getting the Pulumi engine in");
    expect(lines.find((line) => line.startsWith("Building"))).toContain("Pulumi engine v3.232.0 with Go");
  });

  it("is taken from the cache the next time, without a word", async () => {
    const { context, bin, lines } = machine();
    fakeGo(bin, 'printf x > "$out"');
    const first = await ensureEngine(context);
    lines.length = 0;
    fakeGo(bin, "exit 1");
    expect(await ensureEngine(context)).toBe(first);
    expect(lines).toEqual([]);
  });

  it("has a language host beside it, which says what to do in a shell without the environment", async () => {
    const { context, bin } = machine();
    fakeGo(bin, 'printf x > "$out"');
    const host = join(await ensureEngine(context), "..", "pulumi-language-nodejs");
    expect(readFileSync(host, "utf8")).toContain("npm run -s local -- env");
  });

  it("leaves nothing half-done when the build fails, and quotes Go's last lines", async () => {
    const { context, bin } = machine();
    fakeGo(bin, 'printf half > "$out"; echo "dial tcp: no route to host" >&2; exit 1');
    const message = await sentence(ensureEngine(context));
    expect(message).toContain("Go could not build the Pulumi engine v3.232.0 (dial tcp: no route to host)");
    const made = join(context.cacheDirectory, "engine/v3.232.0/bin");
    expect(existsSync(made) ? readdirSync(made) : []).toEqual([]);
  });

  it("wants a Go that is new enough, or one that may fetch a newer one", async () => {
    const { context, bin } = machine();
    fakeGo(bin, 'printf x > "$out"', "go1.20.3", "local");
    expect(await sentence(ensureEngine(context))).toMatch(
      /^Go 1\.20\.3 is too old to build the Pulumi engine v3\.232\.0, which needs Go 1\.\d+\.\d+ or newer: update Go/,
    );
    fakeGo(bin, 'printf x > "$out"', "go1.22.0", "auto");
    expect(await ensureEngine(context)).toContain(context.cacheDirectory);
  });

  it("is of the version that go.mod names, and that Pulumi.yaml requires", () => {
    const root = join(import.meta.dirname, "../..");
    const module = readFileSync(join(root, "local/setup/engine/go.mod"), "utf8");
    expect(readFileSync(join(root, "Pulumi.yaml"), "utf8")).toContain('requiredPulumiVersion: ">=3.232.0"');
    expect(module).toContain("github.com/pulumi/pulumi/pkg/v3 v3.232.0");
    expect(module).toContain("github.com/pulumi/pulumi/sdk/v3 v3.232.0");
  });
});

it("says in one sentence that there is no engine and no Go", async () => {
  const { context } = machine();
  expect(await sentence(ensureEngine(context))).toBe(
    "There is no Pulumi engine on PATH, get.pulumi.com cannot be reached to install one, and there is no Go to build it with: install Pulumi 3.232.0 or newer (https://www.pulumi.com/docs/install) or Go (https://go.dev/dl).",
  );
});
