import { compareSync } from "bcryptjs";
import { expect, test } from "vitest";
import { unknownValue } from "../../local/plugins/property-values.ts";
import { randomPlugin } from "../../local/plugins/random/plugin.ts";
import { randomString, stringDefaults, stringFailures } from "../../local/plugins/random/random-string.ts";

const provider = randomPlugin();
const type = "random:index/randomString:RandomString";
const resource = { urn: "urn", type, name: "name" };

test.each([
  [{ length: 40, special: false, upper: false }, /^[a-z0-9]{40}$/],
  [{ length: 40, lower: false, upper: false, numeric: false }, /^[!@#$%&*()\-_=+[\]{}<>:?]{40}$/],
  [{ length: 40, lower: false, upper: false, numeric: false, overrideSpecial: "-_" }, /^[-_]{40}$/],
  [
    { length: 3, minUpper: 1, minNumeric: 1, minSpecial: 1 },
    /^(?=.*[A-Z])(?=.*[0-9])(?=.*[^A-Za-z0-9]).{3}$/,
  ],
])("%j gives such characters", (inputs, expected) => {
  expect(randomString({ ...stringDefaults, ...inputs })).toMatch(expected);
});

test.each([
  [{}, "missing required property 'length'"],
  [{ length: 0 }, "'length' is 0"],
  [{ length: 3, minUpper: 4 }, "it must be at least 4"],
  [{ length: 3, lower: false, upper: false, numeric: false, special: false }, "no characters to choose from"],
])("%j is refused", (inputs, reason) => {
  expect(stringFailures(inputs)).toEqual([expect.stringContaining(reason)]);
});

test("an unknown length is not judged", () => {
  expect(stringFailures({ length: unknownValue })).toEqual([]);
});

test("saying a default is no change; another value and another keeper replace", async () => {
  const diff = async (oldInputs: object, inputs: object) =>
    (
      await provider.diff({
        ...resource,
        id: "x",
        oldInputs: { ...oldInputs },
        oldOutputs: {},
        inputs: { ...inputs },
      })
    ).replaces;
  expect(await diff({ length: 6 }, { length: 6, numeric: true, upper: true })).toEqual([]);
  expect(await diff({ length: 6 }, { length: 7 })).toEqual(["length"]);
  expect(await diff({ length: 6, keepers: { a: "1" } }, { length: 6, keepers: { a: "2" } })).toEqual([
    "keepers",
  ]);
});

test("a preview knows the settings and not the value; types not served are named", async () => {
  const { outputs } = await provider.create({
    ...resource,
    inputs: { length: 6 },
    preview: true,
    timeout: 0,
  });
  expect(outputs).toMatchObject({ length: 6, upper: true, result: unknownValue });
  const pet = { ...resource, type: "random:index/randomPet:RandomPet", oldInputs: {}, inputs: {} };
  await expect(provider.check({ ...pet, randomSeed: new Uint8Array() })).rejects.toThrow(
    "no type 'random:index/randomPet:RandomPet'",
  );
});

test("a password comes with its bcrypt hash, of its first 72 bytes, and an id that is none", async () => {
  const password = { ...resource, type: "random:index/randomPassword:RandomPassword" };
  const inputs = { length: 80, special: false };
  const { id, outputs } = await provider.create({ ...password, inputs, preview: false, timeout: 0 });
  expect(id).toBe("none");
  expect(outputs).toMatchObject({
    ...stringDefaults,
    ...inputs,
    result: expect.stringMatching(/^[A-Za-z0-9]{80}$/),
  });
  expect(compareSync(String(outputs.result).slice(0, 72), String(outputs.bcryptHash))).toBe(true);
});
