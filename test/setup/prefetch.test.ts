import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { prefetchEngine } from "../../local/setup/prefetch.mjs";
import { script, temporaryFolder } from "./sandbox.ts";

beforeEach(() => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed"))));

/** A machine with Go, which writes down how it was called, and nothing else. */
function machine() {
  const folder = temporaryFolder();
  const called = join(folder, "called");
  script(join(folder, "bin", "go"), `echo "$(basename "$PWD") $* $GOMAXPROCS $GOWORK" > ${called}`);
  const env = { PATH: [join(folder, "bin"), "/usr/bin", "/bin"].join(":"), XDG_CACHE_HOME: folder };
  return { folder, called, env };
}

describe("what the engine is built from", () => {
  it("is fetched beside npm's packages where nothing else gives an engine", async () => {
    const { env, called } = machine();
    expect(await prefetchEngine(env)).toBe(0);
    expect(readFileSync(called, "utf8")).toBe("engine list -deps tool 16 off\n");
  });

  it("is not where Pulumi is installed", async () => {
    const { env, folder } = machine();
    script(join(folder, "bin", "pulumi"), "");
    expect(await prefetchEngine(env)).toBeUndefined();
  });

  it("is not where an engine is in the cache", async () => {
    const { env, folder } = machine();
    mkdirSync(join(folder, "azure-ml-scoring", "engine"), { recursive: true });
    expect(await prefetchEngine(env)).toBeUndefined();
  });

  it("is not where there is no Go, or the official installer may be reached", async () => {
    const { env } = machine();
    expect(await prefetchEngine({ ...env, PATH: "/nowhere" })).toBeUndefined();
    expect(await prefetchEngine({ ...env, https_proxy: "http://proxy.example" })).toBeUndefined();
    expect(await prefetchEngine({ ...env, HTTPS_PROXY: "http://proxy.example" })).toBeUndefined();
    vi.stubGlobal("fetch", () => Promise.resolve(new Response()));
    expect(await prefetchEngine(env)).toBeUndefined();
  });
});
