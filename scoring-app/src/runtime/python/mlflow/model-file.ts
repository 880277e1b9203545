import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { messageOf } from "../../../errors.ts";

type Fields = Record<string, unknown>;

/** Flavors that are served: loaded without the package mlflow, as components/image/python/mlflow.ts has it, and one that needs it. */
const DIRECT = ["sklearn", "xgboost", "lightgbm"] as const;
const PYTHON_FUNCTION = "python_function";

/** A column or a tensor of the signature. */
export interface Spec {
  name?: string;
  /** boolean, integer, long, float, double, string, binary, datetime; array, object, map, any; or tensor. */
  type: string;
  required?: boolean;
  "tensor-spec"?: { dtype: string; shape: number[] };
}

/** What MLmodel says. */
export interface MlflowModel {
  /** Absolute path. */
  folder: string;
  flavor: (typeof DIRECT)[number] | typeof PYTHON_FUNCTION;
  /** Of the flavor. */
  configuration: Fields;
  /** The model's method, e.g. predict_proba. */
  predict: string;
  /** Folder with modules that the model imports. */
  code: string | null;
  inputs: Spec[] | null;
  outputs: Spec[] | null;
  params: Fields[] | null;
  /** Whether the signature was made of Python's type hints: then the model itself checks what it is given. */
  typed: boolean;
  /** saved_input_example_info */
  example: Fields | null;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads MLmodel of a folder that MLflow's save_model() made.
 * @throws Error naming the file, what is wrong and what to do.
 */
export async function readMlflowModel(given: string): Promise<MlflowModel> {
  const folder = resolve(given);
  const path = join(folder, "MLmodel");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new Error(
      `MLFLOW_MODEL=${given}: MLmodel cannot be read (${messageOf(error)}); name a folder that MLflow's save_model() made`,
    );
  }
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new Error(`${path} is not YAML: ${messageOf(error).split("\n")[0]}`);
  }
  if (!isFields(content) || !isFields(content.flavors)) throw new Error(`${path} has no flavors`);
  const { flavors, signature, saved_input_example_info: example } = content;
  const general = isFields(flavors[PYTHON_FUNCTION]) ? flavors[PYTHON_FUNCTION] : undefined;
  const flavor = flavorOf(flavors, general);
  if (!flavor) {
    throw new Error(
      `${path} has the flavors ${Object.keys(flavors).join(", ")}; served are ${DIRECT.join(", ")} and ${PYTHON_FUNCTION}`,
    );
  }
  const fields = isFields(signature) ? signature : {};
  const list = <T>(name: string) => listIn<T>(fields[name], `${path}: signature.${name}`);
  return {
    folder,
    flavor,
    configuration: flavors[flavor] as Fields,
    predict: String(general?.predict_fn ?? "predict"),
    code: typeof general?.code === "string" ? general.code : null,
    inputs: list<Spec>("inputs"),
    outputs: list<Spec>("outputs"),
    params: list<Fields>("params"),
    typed: content.is_signature_from_type_hint === true,
    example: isFields(example) ? example : null,
  };
}

/** One that is loaded directly, unless the model's python_function is another's. */
function flavorOf(flavors: Fields, general: Fields | undefined): MlflowModel["flavor"] | undefined {
  const module = general?.loader_module;
  const isOwn = (name: string) => module === undefined || module === `mlflow.${name}`;
  const own = DIRECT.find((name) => isFields(flavors[name]) && isOwn(name));
  return own ?? (general ? PYTHON_FUNCTION : undefined);
}

/** The signature's parts are JSON as text. */
function listIn<T>(value: unknown, where: string): T[] | null {
  if (value === undefined || value === null) return null;
  try {
    const list: unknown = typeof value === "string" ? JSON.parse(value) : value;
    if (list === null) return null;
    if (Array.isArray(list)) return list as T[];
  } catch {}
  throw new Error(`${where} is no list as JSON`);
}
