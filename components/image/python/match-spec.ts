/** A dependency as conda writes it. */
export interface MatchSpec {
  name: string;
  /** As written: "=1.2", ">=1,<2", "1.2.3". */
  version: string;
  build: string;
}

/**
 * Takes one of conda's dependencies apart: `numpy`, `numpy=1.2`, `numpy 1.2.3 py39_0`, `conda-forge::numpy>=1,<2`,
 * `numpy[version='>=1', build=py39*]`.
 * https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications
 * @throws Error saying what to write
 */
export function readMatchSpec(text: string): MatchSpec {
  if (/\[[\w\s,-]+\]/.test(text)) throw new Error("an [extra] is pip's: write this line in the pip section");
  const [, channelled = "", inBrackets = ""] = /^([^[]*)(?:\[(.*)\])?$/.exec(text.trim()) ?? [];
  const [, name, rest = ""] =
    /^([\w.-]+)(?:(?:\s+|(?=[=<>!~]))(.*))?$/.exec(channelled.replace(/^.*::/, "").trim()) ?? [];
  if (name === undefined) throw new Error("write NAME, NAME=VERSION or NAME>=VERSION,<VERSION");
  const pairs = inBrackets.matchAll(/(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^\s,]+))/g);
  const options = new Map([...pairs].map(([, key, ...values]) => [key, values.find(Boolean)]));
  // With a build string, `=1.2.3` is that very version.
  const [, exact, build] = /^={0,2}\s*([^\s=<>!~,]+)(?:\s*=\s*|\s+)([^\s=<>!~,]+)$/.exec(rest.trim()) ?? [];
  const version = exact === undefined ? rest.trim() : exact;
  return { name, version: options.get("version") ?? version, build: options.get("build") ?? build ?? "" };
}

/** What may stand behind an operator: https://packaging.python.org/en/latest/specifications/version-specifiers/#public-version-identifiers */
const VERSION =
  /^(\d+!)?\d+(\.\d+)*([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?\d*)?([-_.]?(post|rev|r)[-_.]?\d*)?([-_.]?dev[-_.]?\d*)?(\+[a-z0-9.]+)?$/i;
const NUMBERS = /^(\d+!)?\d+(\.\d+)*$/;

/**
 * Conditions for pip from those of conda: `=1.2` is `==1.2.*`, `1.2.3` is `==1.2.3`, `>=1, <2` is `>=1,<2`.
 * @throws Error saying what to write
 */
export function pipConditions(conda: string): string {
  if (conda.includes("|"))
    throw new Error('pip has no "|" between versions: write one range, as in >=1.2,<1.4');
  return conda
    .split(",")
    .map((condition) => condition.trim())
    .filter((condition) => !/^=*\s*\*?$/.test(condition))
    .map(pipCondition)
    .join(",");
}

function pipCondition(condition: string): string {
  const [, operator = "", named = "", star] =
    /^(==|>=|<=|!=|~=|=|<|>)?\s*(.*?)(\.?\*)?$/.exec(condition) ?? [];
  if (!VERSION.test(named))
    throw new Error(`pip knows no version ${JSON.stringify(condition)}: write one as on PyPI`);
  const isPrefix = NUMBERS.test(named) && (star !== undefined || operator === "=");
  switch (operator) {
    case "":
    case "=":
    case "==":
      return `==${named}${isPrefix ? ".*" : ""}`;
    case "!=":
      return `!=${named}${isPrefix ? ".*" : ""}`;
    default:
      return `${operator}${named}`; // conda takes >=1.2.* for >=1.2
  }
}
