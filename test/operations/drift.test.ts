import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { script, temporaryFolder } from "../setup/sandbox.ts";

/** Runs it with a pulumi that lists these stacks, and fails the preview; what it cannot list is no list. */
function drift(listed: object[] | undefined): Promise<{ status: unknown; stdout: string }> {
  const folder = temporaryFolder();
  const list = listed ? `echo '${JSON.stringify(listed)}'` : "exit 255";
  script(join(folder, "pulumi"), `case "$1" in stack) ${list};; *) echo differs; exit 3;; esac`);
  const env = { PATH: `${folder}:${process.env.PATH}`, PULUMI_STACK: "team/dev" };
  return new Promise((resolve) =>
    execFile(process.execPath, ["operations/drift.ts"], { env }, (error, stdout) =>
      resolve({ status: error?.code ?? 0, stdout }),
    ),
  );
}

it.each<[object[] | undefined]>([
  [[{ name: "dev", resourceCount: 12 }]],
  [[{ name: "team/dev", resourceCount: 12 }]],
  [[{ name: "dev", lastUpdate: "2026-01-01T00:00:00.000Z" }]],
  [undefined],
])("a stack that has something, or of which nothing is known, is looked at: %j", async (listed) => {
  expect(await drift(listed)).toEqual({ status: 3, stdout: "differs\n" });
});

it.each([
  [[]],
  [[{ name: "staging", resourceCount: 12 }]],
  [[{ name: "dev", resourceCount: 0, lastUpdate: "2026-01-01T00:00:00.000Z" }]],
  [[{ name: "dev" }]],
])("a stack that has nothing does not differ: %j", async (listed) => {
  const { status, stdout } = await drift(listed);
  expect(status).toBe(0);
  expect(stdout).toBe("Nothing of stack team/dev is deployed: there is nothing to look at.\n");
});
