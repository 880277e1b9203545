import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

/** Runs it where npm prints its words, and fails. */
async function rehearse(variables: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  writeFileSync(join(folder, "npm"), '#!/bin/sh\necho "| $* |"\nexit 3\n', { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}`, GITHUB_STEP_SUMMARY: summary, ...variables };
  const [status, stdout] = await new Promise<[unknown, string]>((resolve) =>
    execFile(process.execPath, ["operations/rehearsal.ts"], { env }, (error, out) =>
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
