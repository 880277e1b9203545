import { createRequire } from "node:module";
import type * as Random from "@pulumi/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noAzure } from "./options.ts";
import { createTestStack, type TestStack } from "./stack.ts";

const random = createRequire(import.meta.url)("@pulumi/random") as typeof Random;
let test_: TestStack;
const length = 6;
let keepers: Record<string, string> | undefined;

beforeAll(async () => {
  test_ = await createTestStack({ azure: noAzure });
  test_.program = async () => {
    const text = new random.RandomString("text", { length, special: false, upper: false, keepers });
    const id = new random.RandomId("id", { byteLength: 4, prefix: "x-" });
    return { text: text.result, hex: id.hex };
  };
});
afterAll(() => test_?.dispose());

test("create: values of the wanted form, with the defaults in the state", async () => {
  const { outputs } = await test_.stack.up();
  expect(outputs.text?.value).toMatch(/^[a-z0-9]{6}$/);
  expect(outputs.hex?.value).toMatch(/^x-[0-9a-f]{8}$/);
  const { outputs: state } = await test_.resource("text");
  expect(state).toMatchObject({ numeric: true, number: true, lower: true, upper: false, minUpper: 0 });
});
