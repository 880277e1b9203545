/** Between a type's flat Pulumi properties and Azure's bodies, in which most stand below `properties`. */
import { isObject, type Properties, unknownValue, type Value } from "../property-values.ts";
import { envelopeProperties, pathParameters, type ResourceType } from "./resource-types.ts";
import { type ObjectSchema, objectSchema, type PropertyType, type ResourceSchema } from "./sdk-schema.ts";

/** The body of a PUT: everything but what is in the path, the API version and the provider's own marks. */
export function requestBody(type: ResourceType, schema: ResourceSchema, inputs: Properties): object {
  const inPath = pathParameters(type.path);
  const body: Record<string, Value> = {};
  const flattened: Properties = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (inPath.includes(name) || !schema.inputs.has(name)) continue;
    // A type with an input called `properties` is not flattened (dictionaries, as app settings are).
    if (envelopeProperties.has(name) || name === "properties") body[name] = value;
    else flattened[name] = value;
  }
  if (!schema.inputs.has("properties") && Object.keys(flattened).length > 0) body.properties = flattened;
  return body;
}

/** A body's values in the shape of the SDK's type or function result. */
export function flatten(body: Record<string, unknown>, schema: ObjectSchema, apiVersion: string): Properties {
  const outputs = shape(body, schema);
  if (schema.has("azureApiVersion")) outputs.azureApiVersion = apiVersion;
  return outputs;
}

/** What a preview can say of a resource: its inputs, and what an update keeps; the rest is unknown. */
export function previewOutputs(
  schema: ResourceSchema,
  inputs: Properties,
  kept: Properties = {},
): Properties {
  return Object.fromEntries(
    [...schema.outputs.keys()].map((name) => {
      if (name === "azureApiVersion") return [name, schema.apiVersion];
      const isKept = name === "name" || name === "location";
      return [name, inputs[name] ?? (isKept ? kept[name] : undefined) ?? unknownValue];
    }),
  );
}

/**
 * Of a body, or of outputs, what the SDK's shape has, nested values too: the outputs of a body, or the part of outputs
 * that inputs can say. Nulls are dropped.
 */
export function shape(body: Record<string, unknown>, schema: ObjectSchema): Properties {
  const inner = isObject(body.properties) && !schema.has("properties") ? body.properties : {};
  const shaped: Properties = {};
  for (const [name, { type }] of schema) {
    const value = envelopeProperties.has(name) ? (body[name] ?? inner[name]) : (inner[name] ?? body[name]);
    if (value !== undefined && value !== null) shaped[name] = shapeValue(value, type);
  }
  return shaped;
}

function shapeValue(value: unknown, type: PropertyType): Value {
  if (type.kind === "object" && isObject(value)) return shape(value, objectSchema(type.name));
  if (type.kind === "array" && Array.isArray(value))
    return value.filter((element) => element !== null).map((element) => shapeValue(element, type.element));
  return withoutNulls(value) as Value;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((element) => element !== null).map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}
