import { ofDefaults, ofSDK, ofServer, schemaOn } from "./azureml-versions";
import type { Findings } from "./findings";
import { type Import, isIn, type Module } from "./imports";
import { readRequirement } from "./requirement";

/** Azure ML's servers: what they bring is installed without them, as far as it is imported. */
const SERVERS = ["azureml-defaults", "azureml-inference-server-http"];
/** Of them, the scoring app has what entry scripts import: `rawhttp`, `AMLRequest`, `AMLResponse`, and collectors of data. */
const STOOD_IN_FOR = ["azureml-contrib-services", "azureml-monitoring", "azureml-ai-monitoring"];
/** Of azureml-sdk, what is neither azureml-core nor azureml-dataset-runtime. */
const SDK_MODULES = ["azureml.train", "azureml.pipeline", "azureml.automl"];
/** What reads data sets, and is large: azureml-defaults and azureml-sdk bring it. */
const DATA = /^azureml-(dataset-runtime|dataprep(-.+)?)$/;
/** What azureml-core holds: https://pypi.org/project/azureml-core/ */
const CORE_MODULES = ["azureml.core", "azureml.data", "azureml.exceptions", "azureml.history"];

/** What needs azureml-dataset-runtime. */
const DATA_MODULES = ["azureml.dataprep", "azureml.data", "azureml.core.Dataset", "azureml.core.dataset"];

/** Modules of packages whose name is another. */
const MODULES: Record<string, string[]> = {
  "azure-common": ["azure.common"],
  "azure-core": ["azure.core"],
  "azureml-dataset-runtime": DATA_MODULES,
  "inference-schema": [], // comes along in any case
  "opencensus-ext-azure": ["opencensus"],
  "opentelemetry-api": ["opentelemetry"],
  "opentelemetry-sdk": ["opentelemetry.sdk"],
  pyjwt: ["jwt"],
  "python-dateutil": ["dateutil"],
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
): string[] {
  const kept: string[] = [];
  const brought: string[] = [];
  const replaced: string[] = [];
  const leaveOut = (line: string, why: string) => findings.notices.push(`${line} is left out: ${why}`);
  const coreUser = [...modules].find(([, module]) => usesCore(module))?.[0];
  const isWanted = (line: string) => {
    const name = readRequirement(line)?.name ?? "";
    return name === "azureml-core" ? coreUser !== undefined : isImported(name, modules);
  };
  for (const line of lines) {
    const { name = "", versions = "" } = readRequirement(line) ?? {};
    if (name === "azureml-core" && !coreUser)
      leaveOut(line, "the modules import no more of it than Model.get_model_path, which is there");
    else if (STOOD_IN_FOR.includes(name)) leaveOut(line, "the scoring app stands in for it");
    else if (DATA.test(name) && !importsAnyOf(modules, DATA_MODULES)) leaveOut(line, "no module imports it");
    else if (SERVERS.includes(name)) {
      const all = name === "azureml-defaults" ? ofDefaults(versions, python) : ofServer(versions, python);
      brought.push(...all.filter(isWanted), schema(all, python, modules));
      replaced.push(line);
    } else if (name === "azureml-sdk" && !importsAnyOf(modules, SDK_MODULES)) {
      brought.push(...ofSDK(versions).filter(isWanted));
      replaced.push(line);
    } else kept.push(line);
  }
  const own = kept.map((line) => readRequirement(line)).filter((each) => each?.versions !== "");
  const added = [...new Set(brought)].filter(
    (line) => !own.some((each) => each?.name === readRequirement(line)?.name),
  );
  if (replaced.length > 0) {
    const instead = added.length > 0 ? `, and ${added.join(", ")} installed instead` : "";
    const why = added.some((line) => line.startsWith("azureml-core"))
      ? ` (${coreUser} uses azureml-core)`
      : "";
    leaveOut(replaced.join(" and "), `the scoring app is the server${instead}${why}`);
  }
  return withSetuptools([...kept, ...added], findings);
}

/** azureml-core imports pkg_resources of setuptools, and does not name it: conda brings it in any case. */
function withSetuptools(lines: string[], { notices }: Findings): string[] {
  const names = lines.map((line) => readRequirement(line)?.name ?? "");
  if (!names.some((name) => name.startsWith("azureml-")) || names.includes("setuptools")) return lines;
  const line = "setuptools<81"; // the last that has it
  notices.push(`${line} is installed, too: azureml-core needs it`);
  return [...lines, line];
}

/** inference-schema at its version there, or the oldest that runs on this Python, with the extras for the types that are imported. */
function schema(brought: string[], python: string, modules: Map<string, Module>): string {
  const bound = brought.find((each) => each.startsWith("inference-schema")) ?? "inference-schema";
  const line = schemaOn(python, bound);
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
  importsAnyOf(modules, MODULES[requirement] ?? [requirement.replaceAll("-", "_")]);

/** Whether more of azureml-core is used than Model.get_model_path. */
function usesCore({ imports, code }: Module): boolean {
  const dotted = code
    .split(".")
    .map((part) => part.trim())
    .join(".");
  const isUsed = (local: string, path: string) =>
    new RegExp(`(?<![\\w.])${local}\\b(?!${path}\\.get_model_path\\b)`).test(dotted);
  return imports
    .filter((each) => CORE_MODULES.some((module) => isIn(named(each), module)))
    .some((each) => {
      const path = PATHS_TO_MODEL[named(each)];
      if (path === undefined) return true;
      // By the full name, all that is loaded of azureml.core can be used.
      const isByFullName = each.local === each.module;
      return isByFullName ? isUsed("azureml\\.core", WAY_TO_MODEL) : isUsed(each.local, path);
    });
}

const WAY_TO_MODEL = "(\\.model)?\\.Model";
/** How the class Model is reached from what is imported, as a pattern. */
const PATHS_TO_MODEL: Record<string, string> = {
  "azureml.core": WAY_TO_MODEL,
  "azureml.core.model": "\\.Model",
  "azureml.core.Model": "",
  "azureml.core.model.Model": "",
};
