import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkOut } from "../../local/stack/checkout.ts";
import { repository } from "../../local/system/clone.ts";

vi.mock("../../local/system/clone.ts", () => ({ repository: mkdtempSync(join(tmpdir(), "checkout-test-")) }));

const git = (...words: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...words], {
    cwd: repository,
    encoding: "utf8",
  });
const outside = mkdtempSync(join(tmpdir(), "checkout-outside-"));
const [source, kept] = [join(outside, "source"), join(outside, "kept")];
const put = (commit: string) => checkOut(commit, source, { folder: kept, names: ["Pulumi.yaml"] });

function commit(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
  git("add", "-Af", ".");
  git("commit", "-qm", "a commit");
  return git("rev-parse", "HEAD").trim();
}

beforeAll(() => {
  git("init", "-q");
  writeFileSync(join(outside, "secret"), "name: secret\n");
});
afterAll(() => {
  rmSync(repository, { recursive: true });
  rmSync(outside, { recursive: true });
});

test("what is read here is a copy, where the commit's code cannot write; packages are not the commit's own files", async () => {
  mkdirSync(join(repository, "node_modules"));
  const hash = commit({ "Pulumi.yaml": "name: shop\n", "index.ts": "", "node_modules/x.js": "" });
  await put(hash);
  expect(readdirSync(kept)).toEqual(["Pulumi.yaml"]);
  expect(readFileSync(join(kept, "Pulumi.yaml"), "utf8")).toBe("name: shop\n");
  expect(readdirSync(join(source, "node_modules"))).toEqual([]);
  expect(existsSync(join(source, ".git"))).toBe(false);
});

test("a filter of this user's, such as one that decrypts, does not work for a commit", async () => {
  for (const [key, value] of Object.entries({
    clean: "cat",
    smudge: "sed s/cipher/plain/",
    required: "true",
  }))
    git("config", `filter.de.crypt.${key}`, value);
  const hash = commit({ "text.txt": "cipher\n", ".gitattributes": "*.txt filter=de.crypt\n" });
  await put(hash);
  expect(readFileSync(join(source, "text.txt"), "utf8")).toBe("cipher\n");
});

test("a link in the place of what is read here is refused", async () => {
  rmSync(join(repository, "Pulumi.yaml"));
  symlinkSync(join(outside, "secret"), join(repository, "Pulumi.yaml"));
  await expect(put(commit({}))).rejects.toThrow(/^Pulumi\.yaml of [0-9a-f]{8} is no file, but a link/);
  expect(readdirSync(kept)).toEqual([]);
});
