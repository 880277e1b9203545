// Plain JavaScript: dependencies.mjs needs it too, with a Node that may not run TypeScript.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * When process `pid` started, as an opaque text; undefined when there is none. Together with the id it names one
 * process for good, across reboots too.
 *
 * @param {number} pid
 * @returns {Promise<string | undefined>}
 */
export async function startOf(pid) {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // Field 22 (proc(5)); the second field may contain spaces, so count from its closing parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : `${boot.trim()}/${fields[19]}`;
  } catch {
    if (process.platform === "linux") return undefined;
  }
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
