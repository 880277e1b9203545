import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startBlocks } from "./start-blocks.ts";

const { local, others } = startBlocks();

describe("docs/start.md", () => {
  it("has blocks that run on local Azure, which test/e2e/start.test.ts runs, and others", () => {
    expect(local).toHaveLength(5);
    expect(others).toHaveLength(8);
  });

  it.each([...local, ...others])("is bash that can be pasted: %s", (code) => {
    expect(spawnSync("bash", ["-n"], { input: code, encoding: "utf8" })).toMatchObject({
      status: 0,
      stderr: "",
    });
  });

  it("sets every variable of the workflows, and no other", () => {
    const folder = join(".github", "workflows");
    const names = ["preview.yml", "deploy-stack.yml"].map((file) => readFileSync(join(folder, file), "utf8"));
    const read = new Set(names.flatMap((text) => text.match(/(?<=vars\.)\w+/g) ?? []));
    const set = others.join("").matchAll(/gh variable set (\w+)/g);
    expect([...set].map(([, name]) => name).sort()).toEqual([...read].sort());
  });

  it("makes the labels that the workflows know", () => {
    const labels = others.join("").match(/(?<=^gh label create ).*/gm);
    expect(labels).toEqual(["drift", "allow-replace"]);
    expect(readFileSync("operations/drift.ts", "utf8")).toContain('labels: ["drift"]');
    expect(readFileSync(".github/workflows/rehearsal.yml", "utf8")).toContain("'allow-replace'");
  });

  it("trusts pull requests and main to read, and each stack's environment alone to write", () => {
    const code = others.join("");
    expect(code.match(/^identity preview .*/m)?.[0]).toBe(
      'identity preview "Pulumi preview" "Storage Blob Data Reader" $SUBJECT:pull_request $SUBJECT:ref:refs/heads/main',
    );
    expect(code.match(/Contributor "Storage.*/)?.[0]).toBe(
      'Contributor "Storage Blob Data Contributor" $SUBJECT:environment:$stack',
    );
    // Pulumi Cloud's token is for the same: a push to any other branch gets none.
    const text = readFileSync("docs/start.md", "utf8");
    expect(text).toContain(
      "`:pull_request`, `:ref:refs/heads/main`, and `:environment:STACK` for each stack",
    );
    expect(text).not.toContain("`:*`");
    expect(code).toContain("repos/$REPOSITORY/actions/oidc/customization/sub --jq .sub_claim_prefix");
  });
});
