import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

const repository = join(import.meta.dirname, "../..");

export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** A folder with the commands and stack dev, and a cache of its own: nothing that is here is found, or changed. */
export function copiedClone(): {
  folder: string;
  /** `node local/SCRIPT ARGUMENTS`, with these variables and no others. */
  run(script: string, argv: string[], environment?: Record<string, string>): Promise<Ended>;
} {
  const folder = mkdtempSync(join(tmpdir(), "copied-clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["local", "operations", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml"])
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    async run(script, argv, environment) {
      const child = spawn(process.execPath, [join(folder, "local", script), ...argv], {
        cwd: folder,
        env: { PATH: "", HOME: folder, XDG_CACHE_HOME: join(folder, "cache"), ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const [stdout, stderr, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      return { status, stdout, stderr };
    },
  };
}

/** A value for DOCKER_HOST where a daemon answers that has nothing. */
export async function emptyDaemon(folder: string): Promise<string> {
  const server = createServer((_, response) => response.end("[]"));
  const socket = join(folder, "docker.sock");
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return `unix://${socket}`;
}
