import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { script, temporaryFolder } from "../setup/sandbox.ts";

/** Runs it with a pulumi that prints its words, and fails at these. */
function destroy(failing: string): Promise<{ status: unknown; stdout: string }> {
  const folder = temporaryFolder();
  script(join(folder, "pulumi"), `echo "$*"; case "$*" in "${failing}"*) exit 3;; esac`);
  const env = { PATH: `${folder}:${process.env.PATH}`, PULUMI_STACK: "organization/dev", CONFIRM: "dev" };
  return new Promise((resolve) =>
    execFile(process.execPath, ["operations/destroy.ts"], { env }, (error, stdout) =>
      resolve({ status: error?.code ?? 0, stdout }),
    ),
  );
}

const DESTROY = "destroy --yes --skip-preview --non-interactive --color never\n";
const REMOVE = "stack rm --yes --preserve-config --non-interactive --color never\n";

it("the stack goes after what it has; its file in the repository stays", async () => {
  expect(await destroy("none")).toEqual({ status: 0, stdout: DESTROY + REMOVE });
});

it("a stack whose resources are not gone stays", async () => {
  expect(await destroy("destroy")).toEqual({ status: 3, stdout: DESTROY });
  expect(await destroy("stack rm")).toEqual({ status: 3, stdout: DESTROY + REMOVE });
});
