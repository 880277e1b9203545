/**
 * What the installed @pulumi/azure-native says of a type or function: property names, their types and the API
 * version, read from its declaration files (the package carries no schema).
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type PropertyType =
  | { kind: "string" | "number" | "boolean" | "any" }
  | { kind: "array"; element: PropertyType }
  | { kind: "map"; element: PropertyType }
  /** Name is as in the SDK's `inputs.web.SiteConfigArgs` or `outputs.web.SiteConfigResponse`, without the first word. */
  | { kind: "object"; name: string };

export interface PropertySchema {
  type: PropertyType;
  required: boolean;
}

export type ObjectSchema = Map<string, PropertySchema>;

export interface ResourceSchema {
  apiVersion: string;
  inputs: ObjectSchema;
  /** With `id`, which every resource of the SDK has. */
  outputs: ObjectSchema;
}

const root = dirname(createRequire(import.meta.url).resolve("@pulumi/azure-native/package.json"));

/** Version of the installed SDK, e.g. `3.28.0`. */
export const sdkVersion: string = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

const idSchema: PropertySchema = { type: { kind: "string" }, required: true };
const resources = new Map<string, ResourceSchema>();
const objects = new Map<string, ObjectSchema>();
/** Text of the SDK's declarations of nested types, by file. */
const nestedTypes = new Map<string, string>();

/** @param token - e.g. `azure-native:web:WebApp`. */
export function resourceSchema(token: string): ResourceSchema {
  const known = resources.get(token);
  if (known) return known;
  const { text, name } = declarations(token);
  const schema = {
    apiVersion: apiVersionIn(text, token),
    inputs: membersOf(text, `export interface ${name}Args {`),
    outputs: new Map([["id", idSchema], ...membersOf(text, `export declare class ${name} `)]),
  };
  resources.set(token, schema);
  return schema;
}

/** API version and result properties of a function, e.g. `azure-native:web:getWebApp`. */
export function functionSchema(token: string): { apiVersion: string; results: ObjectSchema } {
  const { text, name } = declarations(token);
  const results = membersOf(text, `export interface ${name[0]!.toUpperCase()}${name.slice(1)}Result {`);
  return { apiVersion: apiVersionIn(text, token), results };
}

/** Properties of a nested type: an input's, whose name ends in `Args`, or an output's (`web.SiteConfigResponse`). */
export function objectSchema(qualifiedName: string): ObjectSchema {
  const known = objects.get(qualifiedName);
  if (known) return known;
  const [namespace, name = ""] = qualifiedName.split(".");
  const file = name.endsWith("Args") ? "input.d.ts" : "output.d.ts";
  const types = nestedTypes.get(file) ?? readFileSync(join(root, "types", file), "utf8");
  nestedTypes.set(file, types);
  const start = types.indexOf(`\nexport declare namespace ${namespace} {`);
  const end = types.indexOf("\n}", start);
  const schema = membersOf(types.slice(start, end), `    interface ${name} {`);
  objects.set(qualifiedName, schema);
  return schema;
}

function declarations(token: string): { text: string; name: string } {
  const [, module = "", name = ""] = token.split(":");
  const file = join(root, module, `${name[0]?.toLowerCase()}${name.slice(1)}.d.ts`);
  if (!existsSync(file)) throw new Error(`@pulumi/azure-native ${sdkVersion} has no '${token}'.`);
  return { text: readFileSync(file, "utf8"), name };
}

function apiVersionIn(text: string, token: string): string {
  const version = /Uses Azure REST API version (\d{4}-\d{2}-\d{2}(-preview)?)/.exec(text)?.[1];
  if (!version) throw new Error(`@pulumi/azure-native ${sdkVersion} states no API version for '${token}'.`);
  return version;
}

/** The text between a declaration's first line and its closing brace, which stands in the first line's column. */
function block(text: string, opening: string): string {
  const start = text.indexOf(opening);
  if (start < 0)
    throw new Error(`@pulumi/azure-native ${sdkVersion} has no declaration '${opening.trim()}'.`);
  const indent = /^ */.exec(opening)![0];
  return text.slice(start, text.indexOf(`\n${indent}}\n`, start));
}

function membersOf(text: string, opening: string): ObjectSchema {
  const body = block(text, opening).replaceAll(/\/\*\*[\s\S]*?\*\//g, "");
  const indent = " ".repeat(/^ */.exec(opening)![0].length + 4);
  const members = body.matchAll(
    new RegExp(`^${indent}(?:readonly )?(\\w+)(\\??): ([\\s\\S]*?);$(?!\\n${indent}[ }])`, "gm"),
  );
  return new Map(
    [...members].map(([, name, optional, type]) => [
      name!,
      { type: parseType(type!), required: optional === "" },
    ]),
  );
}

/** Types come as e.g. `pulumi.Input<pulumi.Input<inputs.web.NameValuePairArgs>[] | undefined>`. */
function parseType(text: string): PropertyType {
  let type = text.replaceAll(/\s+/g, " ").trim();
  for (let before = ""; before !== type; ) {
    before = type;
    type = type.replace(/ \| undefined$/, "").replace(/^pulumi\.(?:In|Out)put<(.*)>$/, "$1");
  }
  if (type.endsWith("[]")) return { kind: "array", element: parseType(type.slice(0, -2)) };
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map) return { kind: "map", element: parseType(map) };
  const object = /^(?:in|out)puts\.(\w+\.\w+)$/.exec(type)?.[1];
  if (object) return { kind: "object", name: object };
  if (type === "string" || type === "number" || type === "boolean") return { kind: type };
  // Unions, enumerations (which the real provider does not check either) and `any`.
  return { kind: "any" };
}
