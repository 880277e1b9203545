import { envelopeProperties, pathParameters } from "../../local/plugins/azure-native/resource-types.ts";
import {
  objectSchema,
  type PropertyType,
  resourceSchema,
} from "../../local/plugins/azure-native/sdk-schema.ts";

/** A member that the SDK's types have, where it stands in a body: `properties.a.b`, `….list[].c`, `….map.*.d`. */
export interface SdkMember {
  path: string;
  /** Of its type, and harmless nowhere. */
  sample: unknown;
}

/**
 * Every member that can be given to a type of @pulumi/azure-native's, nested ones included.
 *
 * @param token - e.g. `web:WebApp`, or `inputs web.SiteConfigArgs` for the members of a nested type below `properties`.
 */
export function sdkMembers(token: string, resourcePath: string): SdkMember[] {
  const [, nested] = token.split("inputs ");
  if (nested) return below({ kind: "object", name: nested }, "properties", []);
  const { inputs } = resourceSchema(`azure-native:${token}`);
  const inPath = [...pathParameters(resourcePath), "resourceGroupName"];
  return [...inputs]
    .filter(([name]) => !inPath.includes(name))
    .flatMap(([name, { type }]) => {
      const beside = envelopeProperties.has(name) || name === "properties";
      return below(type, beside ? name : `properties.${name}`, []);
    });
}

/** Names of what a GET answers besides, by the SDK. */
export function sdkOutputs(token: string): string[] {
  if (token.startsWith("inputs ")) return [];
  const names = [...resourceSchema(`azure-native:${token}`).outputs.keys()];
  return names.flatMap((name) => [name, `properties.${name}`]);
}

function below(type: PropertyType, path: string, seen: string[]): SdkMember[] {
  if (type.kind === "array" && type.element.kind === "object") return below(type.element, `${path}[]`, seen);
  if (type.kind === "map" && type.element.kind === "object") return below(type.element, `${path}.*`, seen);
  if (type.kind !== "object" || seen.includes(type.name)) return [{ path, sample: sampleOf(type) }];
  const members = [...objectSchema(type.name)];
  if (members.length === 0) return [{ path, sample: { some: "asked-for" } }];
  return members.flatMap(([name, { type: inner }]) => below(inner, `${path}.${name}`, [...seen, type.name]));
}

function sampleOf(type: PropertyType): unknown {
  if (type.kind === "array") return [sampleOf(type.element)];
  if (type.kind === "map") return { some: sampleOf(type.element) };
  return { string: "asked-for", any: "asked-for", number: 7351, boolean: true, object: {} }[type.kind];
}

/** An object with `value` at `path`. */
export function bodyWith(path: string, value: unknown): Record<string, unknown> {
  const [first = "", ...rest] = path.split(".");
  const inner = rest.length > 0 ? bodyWith(rest.join("."), value) : value;
  if (first === "*") return { key: inner };
  return first.endsWith("[]") ? { [first.slice(0, -2)]: [inner] } : { [first]: inner };
}

/** The paths of all members of a JSON value. */
export function pathsOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => pathsOf(one, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === "" ? name : `${path}.${name}`;
    return [at, ...pathsOf(inner, at)];
  });
}
