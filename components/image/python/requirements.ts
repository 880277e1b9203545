import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import type { Contents } from "../model/contents";
import type { Findings } from "./findings";
import { readRequirement } from "./requirement";

/** Lines for pip, and the files of the folder that they take (wheels, constraints), by path in it. */
export interface PipLines {
  lines: string[];
  files: string[];
}

/** A model's folder, and the files in it, which links inside the repository may lead to. */
export type Folder = Pick<Contents, "folder" | "files">;

/** Packages of Windows and of macOS alone, which `pip freeze` lists there. */
const OTHER_SYSTEMS = /^(pywin32(-ctypes)?|pypiwin32|pywinpty|wincertstore|win-inet-pton|pyobjc(-.+)?)$/;

const BESIDE = "modules beside the entry script are imported as they are; else build a wheel";
/** What cannot work in an image, with options in their short form; and what to do. */
const REFUSED: [RegExp, string][] = [
  [
    /\$\{[A-Z0-9_]+\}/,
    "the build has no variables of this machine: put the wheels into a folder there, and write -f and its path",
  ],
  [/^-e (?!(git|hg|svn|bzr)\+)/, `leave it out: ${BESIDE}`],
  [
    /git\+(ssh|file):/,
    "the build has neither keys nor files of this machine: use git+https, or a wheel in the folder",
  ],
  [
    /^python\s*([=<>!~;]|$)/i,
    "no package of pip's: name Python among conda's dependencies, or in a file .python-version",
  ],
];

/** A path, and what may stand behind it: extras, a marker, hashes. */
const LOCAL =
  /^((?:\.|\/|file:).*?|[^\s:@]+\.(?:whl|zip|tar\.gz))((?:\[[\w\s,.-]*\])?(?:(?:\s*;|\s+--).*)?)$/;

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

/**
 * Reads a requirements file of the folder, with those that it names by -r in their place.
 * @param seen the requirements files that were read: none is read twice
 */
export function readRequirements(
  contents: Folder,
  file: string,
  findings: Findings,
  seen = new Set<string>(),
): PipLines {
  if (seen.has(file)) return { lines: [], files: [] };
  seen.add(file);
  const lines = logicalLines(readText(join(contents.folder, file)));
  return readPipLines(contents, file, lines, findings, seen);
}

/**
 * Reads pip's lines: as they are, but for what cannot work in an image.
 * @param file that they stand in, by path in the folder
 * @param seen the requirements files that were read
 */
export function readPipLines(
  contents: Folder,
  file: string,
  lines: string[],
  findings: Findings,
  seen = new Set<string>(),
): PipLines {
  const read: PipLines = { lines: [], files: [] };
  const elsewhere: string[] = [];
  const condas: string[] = [];
  for (const line of lines) {
    const { option = "", value = line } = readOption(line);
    const { name = "", versions = "" } = option ? {} : (readRequirement(line) ?? {});
    const short = option ? `${option} ${value}` : line;
    const refused = REFUSED.find(([pattern]) => pattern.test(short))?.[1];
    if (refused !== undefined) findings.faults.push(`${file}: ${JSON.stringify(line)}: ${refused}`);
    else if (isOfFolder(option, value)) readFile(line, option, value);
    else if (option === "-e") {
      read.lines.push(value);
      findings.notices.push(`${file}: ${JSON.stringify(line)} is installed without -e`);
    } else if (/@\s*file:/.test(line)) elsewhere.push(name);
    else if (/^=(?!=)/.test(versions)) condas.push(line);
    else if (OTHER_SYSTEMS.test(name))
      findings.notices.push(`${file}: ${line} is left out: it is of another operating system`);
    else read.lines.push(line);
  }
  const freeze = "`pip list --format=freeze > requirements.txt` writes one";
  if (elsewhere.length > 0)
    findings.faults.push(
      `${file}: ${elsewhere.join(", ")}: files of another machine; give versions: ${freeze}`,
    );
  if (condas.length > 0)
    findings.faults.push(`${file}: ${condas.join(", ")}: conda's form; pip's is NAME==VERSION: ${freeze}`);
  return read;

  function readFile(line: string, option: string, value: string) {
    const fault = (text: string) => findings.faults.push(`${file}: ${JSON.stringify(line)}: ${text}`);
    const [, named = value, behind = ""] = option ? [] : (LOCAL.exec(value) ?? []);
    const path = normalize(join(file, "..", named)).replace(/\/$/, "");
    const paths = contents.files.map((each) => each.path);
    const isFile = paths.includes(path);
    const isFolder = path === "." || paths.some((each) => each.startsWith(`${path}/`));
    if (/^(\/|file:)/.test(named) || !(isFile || isFolder)) {
      fault("no such file in the folder: put it there, and write its path from this file");
    } else if (option === "-r" && isFile) {
      const more = readRequirements(contents, path, findings, seen);
      read.lines.push(...more.lines);
      read.files.push(...more.files);
    } else if (option === "-f" || isFile) {
      read.lines.push(option ? `${option} ${path}` : `./${path}${behind}`);
      read.files.push(...paths.filter((each) => (isFile ? each === path : isFoundIn(path, each))));
    } else fault(`this is a folder: ${BESIDE}`);
  }
}

/** Whether --find-links of a folder finds a file. */
const isFoundIn = (folder: string, path: string) =>
  dirname(path) === folder && /\.(whl|zip|tar\.\w+|tgz)$/.test(path);

/** Whether a line names a file or folder, of this machine. */
const isOfFolder = (option: string, value: string) =>
  option ? ["-r", "-c", "-f"].includes(option) && !value.includes("://") : LOCAL.test(value);

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
