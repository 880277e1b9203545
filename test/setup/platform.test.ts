import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { platformProblem } from "../../local/setup/platform.mjs";
import { script, temporaryFolder } from "./sandbox.ts";

afterEach(() => vi.unstubAllEnvs());

/** Puts a `docker` first on PATH that does this for `version` and `run`. */
function docker(version: string, run: string): void {
  const bin = temporaryFolder();
  script(
    join(bin, "docker"),
    `case $1 in version) ${version} ;; import) cat > /dev/null ;; run) ${run} ;; esac`,
  );
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
}

it("asks nobody on an x86-64 Linux machine", () => {
  docker("exit 1", "exit 1");
  expect(platformProblem("linux", "x64")).toBeUndefined();
});

it.each([
  ["a Mac whose daemon is of the platform", "darwin", "x64", "echo linux/amd64", "exit 1"],
  ["a Mac whose daemon emulates it", "darwin", "arm64", "echo linux/arm64", "exit 0"],
  ["an arm64 Linux machine that emulates it", "linux", "arm64", "echo linux/arm64", "exit 0"],
])("is content with %s", (_, platform, architecture, version, run) => {
  docker(version, run);
  expect(platformProblem(platform, architecture)).toBeUndefined();
});

it("says in one sentence that the daemon does not emulate it, and how to make it", () => {
  docker("echo linux/arm64", "echo 'exec /trial: exec format error' >&2; exit 1");
  expect(platformProblem("linux", "arm64")).toBe(
    "Azure App Service runs linux/amd64 alone, this machine is linux/arm64, and its Docker daemon (linux/arm64) does not emulate it (exec /trial: exec format error): make it (`docker run --privileged --rm tonistiigi/binfmt --install amd64`; with Docker Desktop, Settings, General, Rosetta), or use an x86-64 Linux machine.",
  );
});

it("says in one sentence that there is no daemon to ask", () => {
  docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1", "exit 1");
  const problem =
    "Azure App Service runs linux/amd64 alone, this machine is darwin/arm64, and `docker version` finds no daemon that might emulate it";
  expect(platformProblem("darwin", "arm64")).toBe(
    `${problem} (Cannot connect to the Docker daemon): start one, such as Docker Desktop, or use an x86-64 Linux machine.`,
  );
  vi.stubEnv("PATH", "/nonexistent");
  expect(platformProblem("darwin", "arm64")).toContain("(spawnSync docker ENOENT)");
});

it("sends a person on Windows to WSL 2", () => {
  expect(platformProblem("win32", "x64")).toMatch(
    /^Local Azure runs on Linux: clone the repository in WSL 2/,
  );
});
