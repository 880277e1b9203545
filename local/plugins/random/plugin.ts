import { randomBytes } from "node:crypto";
import { hashSync } from "bcryptjs";
import { difference } from "../difference.ts";
import type { Plugin } from "../plugin.ts";
import type { Properties } from "../property-values.ts";
import { hasUnknown, unknownValue } from "../property-values.ts";
import { randomString, stringDefaults, stringFailures } from "./random-string.ts";

interface RandomType {
  inputs: string[];
  outputs: string[];
  /** The inputs with what the real provider records for those that are not given. */
  settle(inputs: Properties): Properties;
  failures(inputs: Properties): string[];
  generate(settled: Properties): { id: string; outputs: Properties };
}

const string: Omit<RandomType, "outputs" | "generate"> = {
  inputs: [...Object.keys(stringDefaults), "length", "keepers", "overrideSpecial"],
  settle: (inputs) => {
    const numeric = inputs.numeric ?? inputs.number ?? true;
    return { ...stringDefaults, ...inputs, number: numeric, numeric };
  },
  failures: stringFailures,
};

const types: Record<string, RandomType> = {
  "random:index/randomString:RandomString": {
    ...string,
    outputs: ["result"],
    generate: (settled) => {
      const result = randomString(settled);
      return { id: result, outputs: { result } };
    },
  },
  "random:index/randomPassword:RandomPassword": {
    ...string,
    outputs: ["bcryptHash", "result"],
    // The SDK marks the outputs as secret; an id cannot be one.
    generate: (settled) => {
      const result = randomString(settled);
      return { id: "none", outputs: { bcryptHash: hashSync(result.slice(0, 72)), result } };
    },
  },
  "random:index/randomId:RandomId": {
    inputs: ["byteLength", "keepers", "prefix"],
    outputs: ["b64Std", "b64Url", "dec", "hex"],
    settle: (inputs) => inputs,
    failures: ({ byteLength }) =>
      byteLength === undefined
        ? ["missing required property 'byteLength'"]
        : typeof byteLength === "number" && byteLength < 1
          ? [`'byteLength' is ${byteLength}: it must be at least 1`]
          : [],
    generate: ({ byteLength, prefix = "" }) => {
      const bytes = randomBytes(byteLength as number);
      const hex = bytes.toString("hex");
      const prefixed = (text: string) => `${String(prefix)}${text}`;
      return {
        id: bytes.toString("base64url"),
        outputs: {
          b64Std: prefixed(bytes.toString("base64")),
          b64Url: prefixed(bytes.toString("base64url")),
          dec: prefixed(BigInt(`0x${hex}`).toString()),
          hex: prefixed(hex),
        },
      };
    },
  },
};

/** @pulumi/random's RandomString, RandomPassword and RandomId: values in the stack's state only, replaced on any change. */
export function randomPlugin(): Plugin {
  return {
    configure() {},
    async check({ type, inputs }) {
      const { inputs: known, failures } = typeOf(type);
      const strange = Object.keys(inputs).filter((name) => !known.includes(name));
      return {
        inputs,
        failures: [...strange.map((name) => `'${name}' is no input of ${type}`), ...failures(inputs)],
      };
    },
    async diff({ type, oldInputs, inputs }) {
      const { settle } = typeOf(type);
      const changes = difference(settle(oldInputs), settle(inputs));
      return {
        changes,
        replaces: [...new Set(changes.map((change) => change.property))],
        deleteBeforeReplace: false,
      };
    },
    async create({ type, inputs, preview }) {
      const { settle, generate, outputs } = typeOf(type);
      const settled = settle(inputs);
      if (preview)
        return {
          id: "",
          outputs: { ...settled, ...Object.fromEntries(outputs.map((name) => [name, unknownValue])) },
        };
      if (hasUnknown(settled)) throw new Error(`${type}: an input is not known`);
      const generated = generate(settled);
      return { id: generated.id, outputs: { ...settled, ...generated.outputs } };
    },
    async read({ type, id, inputs, outputs }) {
      if (Object.keys(outputs).length === 0)
        throw new Error(
          `${type} '${id}': the local random provider cannot import: the value lives in state only`,
        );
      return { id, inputs, outputs };
    },
    async update({ type }) {
      throw new Error(`${type} is never updated in place: every change replaces it`);
    },
    async delete() {},
    async invoke(token) {
      throw new Error(`The local random provider has no function '${token}'.`);
    },
  };
}

function typeOf(token: string): RandomType {
  const type = types[token];
  if (type) return type;
  throw new Error(
    `The local random provider has no type '${token}'; it has ${Object.keys(types).join(", ")}.`,
  );
}
