import { createHash, randomBytes } from "node:crypto";
import type { CheckRequest } from "../plugin.ts";
import { isObject, type Properties, unknownValue, type Value } from "../property-values.ts";
import { pathParameters, type ResourceType } from "./resource-types.ts";
import { type ObjectSchema, objectSchema, type PropertyType, type ResourceSchema } from "./sdk-schema.ts";

/** Mark of a generated name: its resource can be made anew before the old one goes. */
export const createBeforeDelete = "__createBeforeDelete";

/**
 * Adds a generated name where the type takes one: the logical name and eight hexadecimal digits for a top-level
 * type, the logical name itself for a child. An old name stays.
 */
export function addName(type: ResourceType, inputs: Properties, request: CheckRequest): void {
  const parameter = /\{(\w+)\}$/.exec(type.path)?.[1];
  if (!parameter || inputs[parameter] !== undefined) return;
  const old = request.oldInputs[parameter];
  if (old !== undefined) {
    inputs[parameter] = old;
    const mark = request.oldInputs[createBeforeDelete];
    if (mark !== undefined) inputs[createBeforeDelete] = mark;
    return;
  }
  const { mode, proposedName } = request.autonaming ?? { mode: "default", proposedName: "" };
  if (mode === "disable") return;
  const [, afterNamespace] = type.path.split(/\/microsoft\.\w+/i);
  const isTopLevel = afterNamespace === undefined || afterNamespace.match(/\{/g)?.length === 1;
  if (mode !== "default" && proposedName !== "") inputs[parameter] = proposedName;
  else inputs[parameter] = isTopLevel ? `${request.name}${hexDigits(request.randomSeed)}` : request.name;
  if (isTopLevel && mode !== "enforce") inputs[createBeforeDelete] = true;
}

function hexDigits(seed: Uint8Array): string {
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  return bytes.toString("hex").slice(0, 8);
}

/**
 * What can be said against the inputs before Azure sees them: missing properties and wrong types, as far as the SDK's
 * declarations say them, and names. Names that the type does not have are not sent, as with the real provider.
 */
export function validate(type: ResourceType, schema: ResourceSchema, inputs: Properties): string[] {
  const failures = validateObject(inputs, schema.inputs, "");
  const needed = pathParameters(type.path).filter((name) => inputs[name] === undefined);
  const missing = needed.map((name) => `missing required property '${name}'`);
  if (schema.inputs.has("location") && inputs.location === undefined)
    missing.push(
      "missing required property 'location'. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.",
    );
  return [...new Set([...missing, ...nameFailures(type, inputs), ...failures])];
}

function nameFailures(type: ResourceType, inputs: Properties): string[] {
  return Object.entries(type.names ?? {}).flatMap(([name, { minLength, maxLength, pattern }]) => {
    const value = inputs[name];
    if (typeof value !== "string") return [];
    const { length } = value;
    const said: [boolean, string][] = [
      [length < minLength, `is too short (${length}): at least ${minLength} characters required`],
      [length > maxLength, `is too long (${length}): at most ${maxLength} characters allowed`],
      [!new RegExp(pattern).test(value), `does not match expression '${pattern}'`],
    ];
    return said.filter(([isWrong]) => isWrong).map(([, words]) => `'${name}' ${words}`);
  });
}

function validateObject(value: Properties, schema: ObjectSchema, path: string): string[] {
  return [...schema].flatMap(([name, { type, required }]) => {
    const at = path === "" ? name : `${path}.${name}`;
    const member = value[name];
    if (member !== undefined) return validateValue(member, type, at);
    return required ? [`missing required property '${at}'`] : [];
  });
}

function validateValue(value: Value, type: PropertyType, path: string): string[] {
  if (value === unknownValue || type.kind === "any" || type.kind === "boolean") return [];
  const actual = Array.isArray(value) ? "array" : typeof value;
  const expected = type.kind === "map" ? "object" : type.kind;
  if (actual !== expected) return [`'${path}' should be of type '${expected}' but got '${actual}'`];
  if (type.kind === "array" && Array.isArray(value))
    return value.flatMap((element, index) => validateValue(element, type.element, `${path}[${index}]`));
  if (!isObject(value)) return [];
  if (type.kind === "object") return validateObject(value, objectSchema(type.name), path);
  if (type.kind === "map")
    return Object.entries(value).flatMap(([key, member]) =>
      validateValue(member, type.element, `${path}.${key}`),
    );
  return [];
}
