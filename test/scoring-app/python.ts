import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A Python with these packages of PyPI, in a virtual environment of the cache folder; made where it is missing. */
export function pythonWith(packages: string[]): string {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "azure-ml-scoring");
  const key = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 12);
  const folder = join(cache, `python-${key}`);
  const python = join(folder, "bin/python");
  const complete = join(folder, "complete");
  if (existsSync(complete)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  execFileSync("python3", ["-m", "venv", folder], { stdio: ["ignore", "ignore", "inherit"] });
  execFileSync(python, ["-m", "pip", "install", "-q", ...packages], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  writeFileSync(complete, packages.join("\n"));
  return python;
}
