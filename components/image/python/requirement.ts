import { normalized } from "./conda-names";

/** A line of pip's that names a package. */
export interface Requirement {
  /** As PyPI compares it. */
  name: string;
  /** "==1.2", ">=1,<2", "@ https://…". */
  versions: string;
}

/** https://packaging.python.org/en/latest/specifications/dependency-specifiers/ */
export function readRequirement(line: string): Requirement | undefined {
  const [, name, versions = ""] =
    /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*([^;]*)/.exec(line) ?? [];
  return name === undefined ? undefined : { name: normalized(name), versions: versions.replace(/\s/g, "") };
}
