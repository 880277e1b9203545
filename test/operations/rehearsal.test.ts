import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("the rehearsal is in the job's summary, fails as the preview does, and is against the base", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-"));
  const summary = join(folder, "summary.md");
  writeFileSync(summary, "before\n");
  writeFileSync(join(folder, "npm"), '#!/bin/sh\necho "| $* |"\nexit 3\n', { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env.PATH}`, GITHUB_STEP_SUMMARY: summary };
  const [status, stdout] = await new Promise<[unknown, string]>((resolve) =>
    execFile(process.execPath, ["operations/rehearsal.ts"], { env }, (error, out) =>
      resolve([error?.code, out]),
    ),
  );
  expect(stdout).toBe("| run -s local -- preview --against HEAD^ --markdown |\n");
  expect(readFileSync(summary, "utf8")).toBe(`before\n${stdout}`);
  expect(status).toBe(3);
});
