import { createRequire } from "node:module";
import type * as Random from "@pulumi/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noAzure } from "./options.ts";
import { createTestStack, type TestStack } from "./stack.ts";

const random = createRequire(import.meta.url)("@pulumi/random") as typeof Random;
let run: TestStack;
let length = 6;
let keepers: Record<string, string> | undefined;

beforeAll(async () => {
  run = await createTestStack({ azure: noAzure });
  run.program = async () => {
    const text = new random.RandomString("text", { length, special: false, upper: false, keepers });
    new random.RandomPassword("key", { length: 32, special: false });
    const id = new random.RandomId("id", { byteLength: 4, prefix: "x-" });
    return { text: text.result, hex: id.hex };
  };
});
afterAll(() => run?.dispose());

test("create: values of the wanted form, with the defaults in the state", async () => {
  const { outputs } = await run.stack.up();
  expect(outputs.text?.value).toMatch(/^[a-z0-9]{6}$/);
  expect(outputs.hex?.value).toMatch(/^x-[0-9a-f]{8}$/);
  const { outputs: state } = await run.resource("text");
  expect(state).toMatchObject({ numeric: true, number: true, lower: true, upper: false, minUpper: 0 });
});

test("a password is secret in the state, in its hash too, and its id says nothing", async () => {
  const { id, outputs } = await run.resource("key");
  // How an exported state marks a secret.
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  expect(id).toBe("none");
  expect(outputs).toMatchObject({
    length: 32,
    minUpper: 0,
    result: secret,
    bcryptHash: secret,
  });
});

test("second preview and refresh: no change; a refresh changes nothing", async () => {
  await run.stack.refresh();
  expect((await run.stack.preview()).changeSummary).toEqual({ same: 4 });
});

test("another length and another keeper replace the value", async () => {
  const { result } = (await run.resource("text")).outputs;
  length = 8;
  const longer = await run.stack.up();
  expect(longer.summary.resourceChanges).toEqual({ same: 3, replace: 1 });
  expect(longer.outputs.text?.value).toMatch(/^[a-z0-9]{8}$/);
  keepers = { reason: "again" };
  const again = await run.stack.up();
  expect(again.outputs.text?.value).not.toBe(longer.outputs.text?.value);
  expect(again.outputs.text?.value).not.toBe(result);
});

test("a type that is not served is refused by its name", async () => {
  const { program } = run;
  run.program = async () => {
    new random.RandomPet("pet");
  };
  await expect(run.stack.preview()).rejects.toThrow("no type 'random:index/randomPet:RandomPet'");
  run.program = program;
});

test("destroy", async () => {
  expect((await run.stack.destroy()).summary.resourceChanges).toEqual({ delete: 4 });
});
