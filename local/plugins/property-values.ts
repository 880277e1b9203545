/**
 * Property values as the engine sends them (google.protobuf.Struct with signatures for what JSON has no word for)
 * and as the providers use them: plain JSON values, nulls dropped, `unknownValue` for what a preview does not know yet.
 */
import struct from "google-protobuf/google/protobuf/struct_pb.js";

export type Value = string | number | boolean | Value[] | Properties | typeof unknownValue | typeof nullValue;
export type Properties = { [name: string]: Value };

/** What a preview does not know yet. Never to be sent to a cloud or returned outside a preview. */
export const unknownValue: unique symbol = Symbol("unknown");

/** A null that is sent to the engine, where undefined and null themselves are left out. */
export const nullValue: unique symbol = Symbol("null");

/** In JSON, what a preview does not know yet. */
export const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The sentinels of Go's SDK, one a type: string, bool, number, array, asset, archive, object. */
const unknownStrings = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** What no resource type served here takes, by signature. */
const refusedSignatures: Record<string, string> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  "5cf8f73096256a8f31e491e813e4eb8e": "a resource reference",
};

/**
 * Decodes a message's properties. Secrets are unwrapped: the engine marks them again in what a provider returns,
 * since the providers say acceptSecrets=false.
 */
export function decode(properties: struct.Struct | undefined): Properties {
  return properties ? (decodeValue(properties.toJavaScript(), "") as Properties) : {};
}

function decodeValue(value: unknown, path: string): Value | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "string") return unknownStrings.has(value) ? unknownValue : value;
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) {
    // An array keeps its length: an element without a value has no place in any input served here.
    return value.map((element, index) => {
      const decoded = decodeValue(element, `${path}[${index}]`);
      if (decoded === undefined) throw new Error(`'${path}[${index}]' is null`);
      return decoded;
    });
  }
  const object = value as Record<string, unknown>;
  const signature = object[signatureKey];
  if (signature === secretSignature) return decodeValue(object.value, path);
  if (signature === outputSignature)
    return "value" in object ? decodeValue(object.value, path) : unknownValue;
  if (typeof signature === "string")
    throw new Error(
      `'${path}' is ${refusedSignatures[signature] ?? `a value of kind ${signature}`}, not data`,
    );
  const decoded: Properties = {};
  for (const [name, member] of Object.entries(object)) {
    const child = decodeValue(member, path === "" ? name : `${path}.${name}`);
    if (child !== undefined) decoded[name] = child;
  }
  return decoded;
}

/** Marks a value as a secret for the engine; what a message already has under the same name it marks by itself. */
export function secret(value: Value): Properties {
  return { [signatureKey]: secretSignature, value };
}

/** Encodes properties for the engine; members that are undefined or null are left out. */
export function encode(properties: object): struct.Struct {
  return struct.Struct.fromJavaScript(encodeValue(properties) as Record<string, struct.JavaScriptValue>);
}

function encodeValue(value: unknown): struct.JavaScriptValue {
  if (value === unknownValue) return unknownString;
  if (value === nullValue) return null;
  if (Array.isArray(value)) return value.map((element) => encodeValue(element ?? null));
  if (typeof value !== "object" || value === null) return value as struct.JavaScriptValue;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, encodeValue(member)]));
}

/** True where the value is unknown or has something unknown in it. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
