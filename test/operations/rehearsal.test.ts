import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

/** Runs it where npm prints its words, and fails. */
async function rehearse(variables: Record<string, string> = {}, more = "") {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho "| $* |"\n${more}\nexit 3\n`, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}`, GITHUB_STEP_SUMMARY: summary, ...variables };
  const [status, stdout] = await new Promise<[unknown, string]>((resolve) =>
    execFile(process.execPath, ["operations/rehearsal.ts"], { env, maxBuffer: 2e7 }, (error, out) =>
      resolve([error?.code, out]),
    ),
  );
  return { status, stdout, summary: readFileSync(summary, "utf8") };
}

it("the rehearsal is in the job's summary, fails as the preview does, and is against the base", async () => {
  const { status, stdout, summary } = await rehearse();
  expect(stdout).toBe("| run -s local -- preview --against HEAD^ --markdown |\n");
  expect(summary).toBe(`before\n${stdout}`);
  expect(status).toBe(3);
});

it("ALLOW_REPLACE=true, which the pull request's label says, allows a replacement; nothing else does", async () => {
  expect((await rehearse({ ALLOW_REPLACE: "true" })).stdout).toContain("--markdown --allow-replace |");
  for (const value of ["false", ""])
    expect((await rehearse({ ALLOW_REPLACE: value })).stdout).not.toContain("--allow-replace");
});

it("a preview of several megabytes is in the summary as a whole", async () => {
  const { status, summary } = await rehearse({}, "head -c 3000000 /dev/zero | tr '\\0' x");
  expect(summary).toHaveLength(
    "before\n| run -s local -- preview --against HEAD^ --markdown |\n".length + 3_000_000,
  );
  expect(status).toBe(3);
});
