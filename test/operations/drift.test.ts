import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { recordingProxy } from "../net/recording-proxy.ts";
import { script, temporaryFolder } from "../setup/sandbox.ts";

/** Runs it with a pulumi that lists these stacks, and fails the preview; what it cannot list is no list. */
function drift(
  listed: object[] | undefined,
  environment: Record<string, string> = {},
): Promise<{ status: unknown; stdout: string; stderr: string }> {
  const folder = temporaryFolder();
  const list = listed ? `echo '${JSON.stringify(listed)}'` : "exit 255";
  script(join(folder, "pulumi"), `case "$1" in stack) ${list};; *) echo differs; exit 3;; esac`);
  const env = { PATH: `${folder}:${process.env.PATH}`, PULUMI_STACK: "team/dev", ...environment };
  return new Promise((resolve) =>
    execFile(process.execPath, ["operations/drift.ts"], { env }, (error, stdout, stderr) =>
      resolve({ status: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

it.each<[object[] | undefined]>([
  [[{ name: "dev", resourceCount: 12 }]],
  [[{ name: "team/dev", resourceCount: 12 }]],
  [[{ name: "dev", lastUpdate: "2026-01-01T00:00:00.000Z" }]],
  [undefined],
])("a stack that has something, or of which nothing is known, is looked at: %j", async (listed) => {
  expect(await drift(listed)).toEqual({ status: 3, stdout: "differs\n", stderr: "" });
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

it("GitHub is asked by the environment's proxy; that it is not reached is told in one line, and is a failure", async () => {
  const proxy = await recordingProxy();
  const github = { GITHUB_TOKEN: "token", GITHUB_REPOSITORY: "team/model", HTTPS_PROXY: proxy.url };
  const { status, stderr } = await drift([], github);
  expect(proxy.asked).toEqual(["CONNECT api.github.com:443"]);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^The issue could not be brought up to date: .+\n$/),
  });
});
