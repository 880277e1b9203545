import { isSkipped, onPyPI } from "./conda-names";
import type { Findings } from "./findings";
import { pipConditions, readMatchSpec } from "./match-spec";
import { readRequirement } from "./requirement";
import { type Folder, type PipLines, readPipLines } from "./requirements";
import { isMap, readYamlMap, type Yaml } from "./yaml-file";

/** What an environment file asks for. */
export interface Asked extends PipLines {
  /** Conditions on Python's version, "" for any. */
  python: string;
}

/** Channels of what is in the table of names. */
const PUBLIC_CHANNEL =
  /(^|\/)(defaults|nodefaults|main|free|r|msys2|anaconda|conda-forge|pytorch|nvidia|intel|fastai|huggingface|bioconda)(\/|$)/;

/**
 * Reads a conda file, which `conda env export` may have written, as lines for pip.
 * https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually
 */
export function readConda(contents: Folder, file: string, findings: Findings): Asked {
  const { dependencies, channels, variables, pip } = readYamlMap(contents.folder, file);
  if (!Array.isArray(dependencies) || dependencies.length === 0)
    throw new Error(
      `${file} has no dependencies: write "dependencies:" and a list below it, as in "- numpy=1.26"`,
    );
  if (pip !== undefined)
    findings.faults.push(
      `${file}: "pip:" at the top is read by nobody: write "- pip:" below "dependencies:"`,
    );
  tellIgnored(file, channels, variables, findings);

  const asked: Asked = { python: "", lines: [], files: [] };
  /** Of the pip section. */
  const piped: string[] = [];
  const skipped: string[] = [];
  const unknown: string[] = [];
  for (const dependency of dependencies) {
    if (typeof dependency === "string") readDependency(dependency);
    else readPipSection(dependency);
  }
  if (skipped.length > 0)
    findings.notices.push(
      `${file}: left out, since PyPI's packages bring what they need of it: ${skipped.join(", ")} (the setting systemPackages adds Debian's packages)`,
    );
  if (unknown.length > 0)
    findings.faults.push(
      `${file}: no package of PyPI is known for conda's ${unknown.join(", ")}: name it as on PyPI in the pip section ` +
        `("- pip:" below "dependencies:"), or write a requirements.txt in place of ${file}; leave out what is no Python package`,
    );
  asked.lines = [...new Set([...withoutPips(), ...piped])];
  return asked;

  function readDependency(text: string) {
    try {
      const { name, version, build } = readMatchSpec(text);
      const found = onPyPI(name);
      if (name === "python") asked.python = [asked.python, pipConditions(version)].filter(Boolean).join();
      else if (found) asked.lines.push(found.name + longer(pipConditions(version), found.moreNumbers));
      else if (isSkipped(name, build)) skipped.push(name);
      else unknown.push(name);
    } catch (error) {
      findings.faults.push(`${file}: ${JSON.stringify(text)}: ${(error as Error).message}`);
    }
  }

  /** conda installs pip's section last: a version there takes the place of what is there. */
  function withoutPips(): string[] {
    const named = piped.flatMap((line) => readRequirement(line) ?? []);
    return asked.lines.filter((line) => {
      const name = readRequirement(line)?.name;
      const pips = named.find((each) => each.name === name && /^(==|@)/.test(each.versions));
      if (pips)
        findings.notices.push(
          `${file}: ${line} is left out: the pip section has its ${name}${pips.versions}`,
        );
      return !pips;
    });
  }

  function readPipSection(section: Yaml) {
    const isPip = isMap(section) && Object.keys(section).join() === "pip";
    const lines = isPip ? section.pip || [] : undefined;
    if (!Array.isArray(lines) || !lines.every((line) => typeof line === "string")) {
      findings.faults.push(
        `${file}: ${JSON.stringify(section)}: write NAME=VERSION, or "pip:" and a list of lines below it`,
      );
      return;
    }
    const read = readPipLines(contents, file, lines as string[], findings);
    piped.push(...read.lines);
    asked.files.push(...read.files);
  }
}

const longer = (conditions: string, moreNumbers: boolean) =>
  moreNumbers ? conditions.replace(/(==[\d.]+)(?=,|$)/g, "$1.*") : conditions;

function tellIgnored(
  file: string,
  channels: Yaml | undefined,
  variables: Yaml | undefined,
  findings: Findings,
) {
  const others = [channels ?? []]
    .flat()
    .filter((name) => typeof name === "string" && !PUBLIC_CHANNEL.test(name));
  if (others.length > 0)
    findings.notices.push(`${file}: ${others.join(", ")}: no channel is read, all packages come from PyPI`);
  if (isMap(variables) && Object.keys(variables).length > 0)
    findings.notices.push(
      `${file}: variables are not set (${Object.keys(variables).join(", ")}): write them in the setting appSettings`,
    );
}
