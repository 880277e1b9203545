import { ofDefaults, ofSameVersion, ofServer } from "./azureml-versions";
import { normalized } from "./conda-names";
import type { Findings } from "./findings";
import { type Import, isIn, type Module } from "./imports";
import { readRequirement } from "./requirement";

/** Azure ML's servers: what they bring is installed without them, as far as it is imported. */
const SERVERS = ["azureml-defaults", "azureml-inference-server-http"];
/** Of them, the scoring app has what entry scripts import: `rawhttp`, `AMLRequest`, `AMLResponse`, and collectors of data. */
const STOOD_IN_FOR = ["azureml-contrib-services", "azureml-monitoring", "azureml-ai-monitoring"];
/** What azureml-core holds: https://pypi.org/project/azureml-core/ */
const CORE_MODULES = ["azureml.core", "azureml.data", "azureml.exceptions", "azureml.history"];

/** Modules whose name is not that of their package. */
const MODULES: Record<string, string> = {
  "azure-common": "azure.common",
  "azure-core": "azure.core",
  "opencensus-ext-azure": "opencensus",
  "opentelemetry-api": "opentelemetry",
  "opentelemetry-sdk": "opentelemetry.sdk",
  pyjwt: "jwt",
  "python-dateutil": "dateutil",
};

/**
 * Replaces Azure ML's server and SDK in an environment, for which the scoring app stands in.
 * @param python "3.11"
 * @param modules the folder's Python files
 * @returns the other lines, inference-schema, and what else of theirs the modules import
 */
export function replaceAzureML(
  lines: string[],
  python: string,
  modules: Map<string, Module>,
  findings: Findings,
) {
  const kept: string[] = [];
  const brought: string[] = [];
  const replaced: string[] = [];
  const coreUser = [...modules].find(([, module]) => usesCore(module))?.[0];
  for (const line of lines) {
    const { name, versions } = readRequirement(line) ?? { name: "", versions: "" };
    if (SERVERS.includes(name)) {
      const all = name === "azureml-defaults" ? ofDefaults(versions, python) : ofServer(versions, python);
      const isWanted = (of: string) => (of === "azureml-core" ? coreUser : isImported(of, modules));
      brought.push(
        ...all.filter((each) => isWanted(readRequirement(each)?.name ?? "")),
        schema(all, modules),
      );
      replaced.push(line);
    } else if (
      name === "azureml-sdk" &&
      !importsAnyOf(modules, ["azureml.train", "azureml.pipeline", "azureml.automl"])
    ) {
      if (coreUser) brought.push(ofSameVersion("azureml-core", versions));
      replaced.push(line);
    } else if (name === "azureml-core" && !coreUser) {
      findings.notices.push(
        `${line} is left out: the modules import no more of it than Model.get_model_path, which is there`,
      );
    } else if (STOOD_IN_FOR.includes(name)) {
      findings.notices.push(`${line} is left out: the scoring app stands in for it`);
    } else kept.push(line);
  }
  const own = kept.map((line) => readRequirement(line));
  const added = [...new Set(brought)].filter((line) => {
    const name = readRequirement(line)?.name;
    return !own.some((each) => each?.name === name && each?.versions !== "");
  });
  if (replaced.length > 0) {
    const instead = added.length > 0 ? `, and ${added.join(", ")} installed instead` : "";
    const reason =
      coreUser && added.some((line) => line.startsWith("azureml-core"))
        ? ` (${coreUser} uses azureml-core)`
        : "";
    findings.notices.push(
      `${replaced.join(", ")} ${replaced.length > 1 ? "are" : "is"} left out: the scoring app is the server${instead}${reason}`,
    );
  }
  return [...kept, ...added];
}

/** inference-schema at its version there, with the extras for the types that are imported. */
function schema(brought: string[], modules: Map<string, Module>): string {
  const line = brought.find((each) => each.startsWith("inference-schema")) ?? "inference-schema";
  const extras = ["numpy", "pandas"].filter((kind) =>
    importsAnyOf(modules, [`inference_schema.parameter_types.${kind}_parameter_type`]),
  );
  if (extras.length === 0) return line;
  return line.replace(
    "inference-schema",
    `inference-schema[${extras.map((kind) => `${kind}-support`).join()}]`,
  );
}

const everyImport = (modules: Map<string, Module>) => [...modules.values()].flatMap(({ imports }) => imports);

/** The module that an import may name: `from azureml import core` is azureml.core. */
const named = ({ module, name }: Import) => (name === undefined ? module : `${module}.${name}`);

const importsAnyOf = (modules: Map<string, Module>, names: string[]) =>
  everyImport(modules).some((each) => names.some((name) => isIn(named(each), name)));

const isImported = (requirement: string, modules: Map<string, Module>) =>
  requirement !== "inference-schema" &&
  importsAnyOf(modules, [MODULES[requirement] ?? normalized(requirement).replaceAll("-", "_")]);

/** Whether more of azureml-core is used than Model.get_model_path. */
function usesCore({ imports, code }: Module): boolean {
  return imports
    .filter((each) => CORE_MODULES.some((name) => isIn(named(each), name)))
    .some((each) => {
      const rest = PATHS_TO_MODEL[named(each)];
      if (rest === undefined) return true;
      const local = each.local.replaceAll(".", "\\s*\\.\\s*");
      const others = new RegExp(`(?<![\\w.])${local}\\b(?!${rest}\\s*\\.\\s*get_model_path\\b)`);
      return others.test(code);
    });
}

/** How the class Model is reached from what is imported, as a pattern. */
const PATHS_TO_MODEL: Record<string, string> = {
  "azureml.core": "(\\s*\\.\\s*model)?\\s*\\.\\s*Model",
  "azureml.core.model": "\\s*\\.\\s*Model",
  "azureml.core.Model": "",
  "azureml.core.model.Model": "",
};
