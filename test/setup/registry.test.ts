import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { describe, expect, it } from "vitest";
import { ensureRegistry } from "../../local/setup/registry.ts";
import { fakeGo, machine, script, sentence } from "./sandbox.ts";

const says = (version: string) => `[ "$1" = --version ] && echo "$0 ${version}"`;
const isDebian =
  spawnSync("sh", ["-c", "grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release"]).status === 0;

/** A daemon that holds no image and reaches no registry. */
const offline = async () =>
  ({
    getImage: () => ({
      inspect: () => Promise.reject(Object.assign(new Error("no such image"), { statusCode: 404 })),
      distribution: () => Promise.reject(new Error("no such host")),
    }),
  }) as unknown as Docker;

it.each([
  ["registry", "github.com/distribution/distribution/v3 v3.0.0"],
  ["docker-registry", "github.com/docker/distribution 2.8.2+ds1"],
])("takes %s from PATH", async (name, version) => {
  const { context, bin, lines } = machine();
  const file = script(join(bin, name), says(version));
  expect(await ensureRegistry(context, offline)).toBe(file);
  expect(lines).toEqual([]);
});

it("leaves another program of that name alone", async () => {
  const { context, bin } = machine();
  script(join(bin, "registry"), says("some-registry 1.0"));
  fakeGo(bin, 'printf x > "$out"');
  expect(await ensureRegistry(context, offline)).toBe(join(context.cacheDirectory, "registry/registry"));
});

describe.skipIf(!isDebian)("on Debian", () => {
  const unpack = `mkdir -p content/usr/bin; printf '#!/bin/sh\\necho github.com/docker/distribution 2.8.2\\n' > content/usr/bin/docker-registry; chmod 755 content/usr/bin/docker-registry`;

  it("takes the executable out of the package, without installing it", async () => {
    const { context, bin } = machine();
    script(join(bin, "apt-get"), `echo "apt-get $*" >> ${bin}/calls; : > docker-registry_2.8_amd64.deb`);
    script(join(bin, "dpkg-deb"), unpack);
    const file = await ensureRegistry(context, offline);
    expect(spawnSync(file, ["--version"], { encoding: "utf8" }).stdout).toContain("distribution 2.8.2");
    expect(readFileSync(join(bin, "calls"), "utf8")).toBe("apt-get download docker-registry\n");
  });

  const root = process.geteuid?.() === 0;

  it.runIf(root)("fetches the package lists where they are empty, as on a fresh machine", async () => {
    const { context, bin, lines } = machine();
    script(
      join(bin, "apt-get"),
      `echo "apt-get $*" >> ${bin}/calls
case $1 in update) : > ${bin}/lists ;; download) [ -e ${bin}/lists ] && : > docker-registry_2.8_amd64.deb ;; esac`,
    );
    script(join(bin, "dpkg-deb"), unpack);
    await ensureRegistry(context, offline);
    const download = "apt-get download docker-registry\n";
    expect(readFileSync(join(bin, "calls"), "utf8")).toBe(`${download}apt-get update\n${download}`);
    expect(lines.at(-1)).toMatch(/docker-registry: done in \d+ s$/);
  });

  it("goes on to Go where the archive cannot be reached, and says why", async () => {
    const { context, bin, lines } = machine();
    script(join(bin, "apt-get"), "echo 'E: Unable to locate package docker-registry' >&2; exit 100");
    script(join(bin, "dpkg-deb"), "exit 2");
    fakeGo(bin, 'printf x > "$out"');
    expect(await ensureRegistry(context, offline)).toBe(join(context.cacheDirectory, "registry/registry"));
    expect(lines.filter((line) => line.includes("docker-registry:"))).toEqual([
      "Fetching the container registry, Debian's docker-registry: not available (E: Unable to locate package docker-registry)",
    ]);
  });
});

it("says in one sentence that there is no way to get one", async () => {
  expect(await sentence(ensureRegistry(machine().context, offline))).toMatch(
    /^There is no container registry on PATH, .*: install CNCF Distribution \(Debian: docker-registry\) or Go \(https:\/\/go\.dev\/dl\)\.$/,
  );
});
