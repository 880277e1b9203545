import { afterAll, beforeAll, expect, it } from "vitest";
import { startBlocks } from "../docs/start-blocks.ts";
import { Clone } from "./clone.ts";

let clone: Clone;

beforeAll(async () => {
  clone = await Clone.create();
  for (const [key, value] of Object.entries({ "user.name": "t", "user.email": "t@localhost" }))
    await clone.run("git", ["config", key, value]);
});

afterAll(() => clone.dispose());

it("what docs/start.md has for local Azure runs there, block by block, to the first answer and back to nothing", async () => {
  const [first = "", ...blocks] = startBlocks().local;
  // What was installed for the clone stays.
  const installed = await clone.run("bash", ["-ec", first.replace("npm ci\n", "")]);
  expect(installed.status, installed.stderr).toBe(0);
  const printed: string[] = [];
  for (const block of blocks) {
    const { status, stdout, stderr } = await clone.shell(
      `set -e; export PULUMI_OPTION_NON_INTERACTIVE=true\n${block}`,
    );
    expect(status, `${block}\n${stdout}\n${stderr}`).toBe(0);
    printed.push(stdout);
  }
  const [stacks, request, up, destroyed] = printed;
  expect(stacks).toContain("Everything is there: `pulumi up --stack dev`");
  expect(stacks).toMatch(/12 to create/);
  expect(request).toContain("two instances");
  expect(up).toMatch(/12 created[\s\S]*\[6783\.\d+\]/);
  expect(destroyed).toMatch(/12 deleted/);
});
