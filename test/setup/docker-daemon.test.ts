import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mayUnshare, script, temporaryFolder } from "./sandbox.ts";

const module = join(import.meta.dirname, "../../local/setup/docker.ts");
const isDebian =
  spawnSync("sh", ["-c", "grep -qE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release"]).status === 0;

/** Listens as a daemon would, and is killed with its process id namespace. */
const daemon = `
require("node:fs").mkdirSync("/run/docker", { recursive: true });
require("node:http").createServer((_, response) => response.end("OK")).listen("/run/docker.sock");
console.log(process.argv.slice(2).join(" "), "pid", process.pid, "session", process.cwd());
`;

/** Asks for the daemon, twice, in a new process each time. */
const ask = `
import(process.argv[1]).then(async ({ ensureDockerDaemon }) => {
  const report = (line) => console.log(line);
  const context = { report, cacheDirectory: process.argv[2], path: process.argv[3], signal: new AbortController().signal };
  console.log(JSON.stringify(await ensureDockerDaemon(context)));
}).catch((error) => { console.log(error.name, error.message); process.exitCode = 1; });
`;

/** Runs shell commands as root of a machine without a Docker daemon and without systemd. */
function machineWithoutDaemon(dockerd: string, commands: string): string[] {
  const folder = temporaryFolder();
  script(join(folder, "dockerd"), dockerd.replaceAll("$folder", folder));
  writeFileSync(join(folder, "daemon.cjs"), daemon);
  writeFileSync(join(folder, "ask.cjs"), ask);
  const asking = `"${process.execPath}" -e "$(cat ${folder}/ask.cjs)" ${module} ${folder}/cache ${folder}:$PATH`;
  const prepared = `mount -t tmpfs tmpfs /run && cd ${folder} && ${commands.replaceAll("ask", asking)}`;
  const done = spawnSync(
    "unshare",
    ["--map-root-user", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", prepared],
    { encoding: "utf8", env: { ...process.env, DOCKER_HOST: "", DOCKER_CONTEXT: "", DOCKER_CONFIG: folder } },
  );
  return `${done.stdout}${done.stderr}`.trim().split("\n");
}

describe.skipIf(!mayUnshare || !isDebian)("as root on Debian, without a daemon", () => {
  it("starts one that outlives the command, and knows it later as its own", () => {
    const lines = machineWithoutDaemon(
      `exec "${process.execPath}" $folder/daemon.cjs "$@"`,
      "ask && ask && cat cache/docker/dockerd.log",
    );
    expect(lines).toEqual([
      "Starting a Docker daemon …",
      expect.stringMatching(/^Starting a Docker daemon: done in \d+ s$/),
      '{"startedByUs":true}',
      '{"startedByUs":true}',
      expect.stringMatching(/^--pidfile \S+cache\/docker\/dockerd\.pid pid \d+ session \/$/),
    ]);
  });

  it("starts another when that one has died", () => {
    const lines = machineWithoutDaemon(
      `exec "${process.execPath}" $folder/daemon.cjs "$@"`,
      `ask && kill $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' cache/docker/daemon.json) && rm /run/docker.sock && ask`,
    );
    expect(lines.filter((line) => line === "Starting a Docker daemon …")).toHaveLength(2);
    expect(lines.at(-1)).toBe('{"startedByUs":true}');
  });

  it("quotes its last words when it ends at once", () => {
    const lines = machineWithoutDaemon(
      "echo starting; echo 'failed to start daemon: no iptables'; exit 1",
      "ask",
    );
    expect(lines.at(-1)).toMatch(
      /^ToolchainError The Docker daemon ended at once \(failed to start daemon: no iptables\): see \S+\/dockerd\.log, or start one yourself\.$/,
    );
  });
});
