import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { readEnvironment } from "../../../../components/image/python/environment.ts";

/** A folder with these files, until the test ends. */
export function folder(files: Record<string, string | Uint8Array>): string {
  const path = mkdtempSync(join(tmpdir(), "environment-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

export const environment = (files: Record<string, string | Uint8Array>) => readEnvironment(folder(files));

/** What stops the reading, a line each. */
export function faults(files: Record<string, string | Uint8Array>): string[] {
  try {
    readEnvironment(folder(files));
  } catch (error) {
    return (error as Error).message.split("\n");
  }
  return [];
}

/** A conda file with these dependencies, and lines for pip. */
export const conda = (dependencies: string[], pip: string[] = []) =>
  [
    "dependencies:",
    ...dependencies.map((each) => `  - ${JSON.stringify(each)}`),
    ...(pip.length ? ["  - pip:"] : []),
  ]
    .concat(pip.map((each) => `      - ${JSON.stringify(each)}`))
    .join("\n");
