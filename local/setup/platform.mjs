// Plain JavaScript without newer syntax, as dependencies.mjs.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What App Service runs, and the program builds. */
const wanted = "linux/amd64";

const trialImage = "azure-ml-scoring-trial";

/** A static x86-64 program that ends with status 0: ELF header, its one segment, `exit(0)`. */
const trialProgram = Buffer.from(
  "7f454c4602010100000000000000000002003e0001000000780040000000000040000000000000000000000000000000" +
    "00000000400038000100000000000000" +
    "010000000500000000000000000000000000400000000000000040000000000081000000000000008100000000000000" +
    "0010000000000000" +
    "b83c00000031ff0f05",
  "hex",
);

/**
 * Why nothing can be deployed here, as a sentence for a person; undefined where it can. Where this machine is of
 * another kind, its Docker daemon is tried: neither its version nor its settings tell what it can emulate.
 *
 * @param {string} platform - see `process.platform`.
 * @param {string} architecture - see `process.arch`.
 * @returns {string | undefined}
 */
export function platformProblem(platform = process.platform, architecture = process.arch) {
  if (platform === "win32") {
    return "Local Azure runs on Linux: clone the repository in WSL 2 (https://learn.microsoft.com/windows/wsl/install) and run the command there.";
  }
  if (platform === "linux" && architecture === "x64") return undefined;
  const here = `Azure App Service runs ${wanted} alone, this machine is ${platform}/${architecture}, and`;
  const otherwise = "or use an x86-64 Linux machine";
  const asked = docker(["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]);
  if (asked.status !== 0) {
    return `${here} \`docker version\` finds no daemon that might emulate it (${asked.reason}): start one, such as Docker Desktop, ${otherwise}.`;
  }
  if (asked.output === wanted) return undefined;
  const ran = runTrial();
  if (ran.status === 0) return undefined;
  return `${here} its Docker daemon (${asked.output}) does not emulate it (${ran.reason}): make it (\`docker run --privileged --rm tonistiigi/binfmt --install amd64\`; with Docker Desktop, Settings, General, Rosetta), ${otherwise}.`;
}

/** Runs a program of that platform in an image that holds nothing else, so that nothing has to be pulled. */
function runTrial() {
  const folder = mkdtempSync(join(tmpdir(), "trial-"));
  try {
    writeFileSync(join(folder, "trial"), trialProgram, { mode: 0o755 });
    const packed = spawnSync("tar", ["-cf", "-", "-C", folder, "trial"]);
    const imported = docker(["import", "--platform", wanted, "-", trialImage], packed.stdout);
    if (imported.status !== 0) return imported;
    const ran = docker(["run", "--rm", "--network", "none", "--platform", wanted, trialImage, "/trial"]);
    docker(["rmi", "--force", trialImage]);
    return ran;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string[]} argv
 * @param {Buffer} [input]
 */
function docker(argv, input) {
  const done = spawnSync("docker", argv, { input, timeout: 60000 });
  if (done.error) return { status: 1, output: "", reason: done.error.message };
  const lines = String(done.stderr).trim().split("\n");
  return { status: done.status, output: String(done.stdout).trim(), reason: lines[lines.length - 1] };
}
