import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, normalize, relative, sep } from "node:path";
import type { Findings } from "./findings";
import { readRequirement } from "./requirement";

/** Lines for pip, and the files of the folder that they name (wheels, constraints), by path in it. */
export interface PipLines {
  lines: string[];
  files: string[];
}

/** Packages of Windows and of macOS alone, which `pip freeze` lists there. */
const OTHER_SYSTEMS = /^(pywin32(-ctypes)?|pypiwin32|pywinpty|wincertstore|win-inet-pton|pyobjc(-.+)?)$/;
const VCS = /^(git|hg|svn|bzr)\+/;

/** A text file, as editors and PowerShell (`pip freeze > requirements.txt` is UTF-16 there) write it. */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
}

/** The logical lines of a requirements file, without comments: https://pip.pypa.io/en/stable/reference/requirements-file-format/ */
export const logicalLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, ""))
    .join("\n")
    .replace(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** Reads a requirements file of the folder, with those that it names by -r in their place. */
export function readRequirements(
  folder: string,
  file: string,
  findings: Findings,
  from: string[] = [],
): PipLines {
  if (from.includes(file)) return { lines: [], files: [] };
  return readPipLines(folder, file, logicalLines(readText(join(folder, file))), findings, [...from, file]);
}

/**
 * Reads pip's lines: as they are, but for what cannot work in an image.
 * @param file that they stand in, by path in the folder
 * @param from the requirements files that are being read
 */
export function readPipLines(
  folder: string,
  file: string,
  lines: string[],
  findings: Findings,
  from: string[] = [],
) {
  const read: PipLines = { lines: [], files: [] };
  const elsewhere: string[] = [];
  const condas: string[] = [];
  const fault = (line: string, text: string) =>
    findings.faults.push(`${file}: ${JSON.stringify(line)}: ${text}`);
  /** The path in the folder of what a line names; undefined, and a fault, if there is no such file. */
  const inFolder = (line: string, named: string) => {
    const path = normalize(join(file, "..", named));
    const full = join(folder, path);
    if (/^(\/|file:)/.test(named) || !existsSync(full) || !isBelow(folder, full))
      fault(line, "no such file in the folder: put it there, and write its path from this file");
    else return path;
  };
  for (const line of lines) {
    const { option = "", value = line } = readOption(line);
    const { name = "", versions = "" } = readRequirement(line) ?? {};
    const isLocal = /^(\.|\/|file:)/.test(line) || /^[^\s:@]+\.(whl|zip|tar\.gz)$/.test(line);
    if (["-r", "-c", "-f", ""].includes(option) && (option ? !value.includes("://") : isLocal)) {
      const path = inFolder(line, value);
      if (path === undefined) continue;
      const isFile = statSync(join(folder, path)).isFile();
      if (option === "-r" && isFile) {
        const more = readRequirements(folder, path, findings, from);
        read.lines.push(...more.lines);
        read.files.push(...more.files);
      } else if (option === "-f" || isFile) {
        read.lines.push(option ? `${option} ${path}` : `./${path}`);
        read.files.push(path);
      } else
        fault(
          line,
          "this is a folder: modules beside the entry script are imported as they are; else build a wheel",
        );
    } else if (option === "-e" && VCS.test(value)) {
      read.lines.push(value);
      findings.notices.push(`${file}: ${JSON.stringify(line)} is installed without -e`);
    } else if (option === "-e") {
      fault(
        line,
        "leave it out: modules beside the entry script are imported as they are; else build a wheel",
      );
    } else if (/(git\+ssh|git\+file):/.test(line)) {
      fault(
        line,
        "the build has neither keys nor files of this machine: use git+https, or a wheel in the folder",
      );
    } else if (/@\s*file:/.test(line)) elsewhere.push(name);
    else if (!option && /^=(?!=)/.test(versions)) condas.push(line);
    else if (!option && name === "python") {
      fault(
        line,
        "no package of pip's: name Python among conda's dependencies, or in a file .python-version",
      );
    } else if (!option && OTHER_SYSTEMS.test(name)) {
      findings.notices.push(`${file}: ${line} is left out: it is of another operating system`);
    } else read.lines.push(line);
  }
  const freeze = "`pip list --format=freeze > requirements.txt` writes one";
  if (elsewhere.length > 0)
    findings.faults.push(
      `${file}: ${elsewhere.join(", ")}: files of another machine; give versions: ${freeze}`,
    );
  if (condas.length > 0)
    findings.faults.push(`${file}: ${condas.join(", ")}: conda's form; pip's is NAME==VERSION: ${freeze}`);
  return read;
}

const LONG: Record<string, string> = {
  "--requirement": "-r",
  "--constraint": "-c",
  "--editable": "-e",
  "--find-links": "-f",
};

/** "--requirement=x", "-r x" and "-rx" are option -r with the value x. */
function readOption(line: string): { option?: string; value?: string } {
  const [, long, short, value] = /^(?:(--[a-z-]+)(?=[\s=]|$)|(-[a-z]))[\s=]*(.*)$/.exec(line) ?? [];
  return long || short ? { option: short ?? LONG[long as string] ?? long, value } : {};
}

/** Links are followed. */
function isBelow(folder: string, path: string): boolean {
  const way = relative(realpathSync(folder), realpathSync(path));
  return way !== ".." && !way.startsWith(`..${sep}`);
}
