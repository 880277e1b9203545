import { expect, test } from "vitest";
import { decode, encode, hasUnknown, nullValue, unknownValue } from "../../local/plugins/property-values.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

test("what is encoded is decoded again; nulls and absent members are dropped", () => {
  const sent = {
    text: "a",
    number: 1.5,
    flag: false,
    list: [1, { a: "b" }],
    map: { x: null, y: undefined, z: 1 },
  };
  expect(decode(encode(sent))).toEqual({
    text: "a",
    number: 1.5,
    flag: false,
    list: [1, { a: "b" }],
    map: { z: 1 },
  });
});

test("a null that is meant arrives as one", () => {
  expect(encode({ raw: nullValue, other: null }).toJavaScript()).toEqual({ raw: null });
});

test("secrets are unwrapped at any depth", () => {
  expect(decode(encode({ list: [secret("hidden"), secret({ inner: secret(1) })] }))).toEqual({
    list: ["hidden", { inner: 1 }],
  });
});

test.each([
  ["a string", "04da6b54-80e4-46f7-96ec-b56ff0331ba9"],
  ["a number of Go's", "3eeb2bf0-c639-47a8-9e75-3b44932eb421"],
  [
    "an output value without a value",
    { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" },
  ],
])("an unknown, sent as %s, is the unknown value, and stays one", (_, value) => {
  const decoded = decode(encode({ nested: { value } }));
  expect(decoded).toEqual({ nested: { value: unknownValue } });
  expect(hasUnknown(decoded)).toBe(true);
  expect(decode(encode(decoded))).toEqual(decoded);
});

test("assets, archives and null elements are refused by their place", () => {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "x" };
  expect(() => decode(encode({ files: { index: asset } }))).toThrow("'files.index' is an asset");
  expect(() => decode(encode({ list: ["a", null] }))).toThrow("'list[1]' is null");
});
