import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { Clone } from "./clone.ts";

const execute = promisify(execFile);

let clone: Clone;
let folder: string;
/** What git has, without what was installed beside it. */
let template: string;
let made: string;

beforeAll(async () => {
  clone = await Clone.create();
  folder = await mkdtemp(join(tmpdir(), "pulumi-new-"));
  [template, made] = [join(folder, "template"), join(folder, "shop")];
  await mkdir(template);
  await execute("bash", ["-c", 'git archive HEAD | tar -x -C "$0"', template], { cwd: clone.folder });
});

afterAll(async () => {
  await clone.dispose();
  await rm(folder, { recursive: true });
});

/** In a shell where `env` is evaluated and no stack is named. */
const shell = (script: string) => clone.shell(`unset PULUMI_STACK && cd ${folder} && ${script}`);

it("pulumi new asks for what the template says, and gives the project another name without breaking a key", async () => {
  const { stdout, stderr, status } = await shell(
    `pulumi new ${template} --name shop --stack dev --yes --dir ${made}`,
  );
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toContain("Created project 'shop'");
  expect(stdout).toContain("Saved config");
  const project = parse(await readFile(join(made, "Pulumi.yaml"), "utf8"));
  expect(project.name).toBe("shop");
  expect(project).not.toHaveProperty("template");
  const { config } = parse(await readFile(join(made, "Pulumi.dev.yaml"), "utf8"));
  expect(config).toEqual({ "azure-native:location": "westeurope", "shop:planSku": "B1" });
});

it("nothing else of it differs from this repository", async () => {
  const files = async (root: string) =>
    (await readdir(root, { recursive: true })).filter((file) => !file.includes("node_modules")).sort();
  expect(await files(made)).toEqual(await files(template));
  const { stdout } = await execute("diff", ["-rq", "--exclude=node_modules", template, made]).catch(
    (error) => error,
  );
  expect(stdout.match(/\S+(?= differ$)/gm)).toEqual([
    join(made, "Pulumi.dev.yaml"),
    join(made, "Pulumi.yaml"),
  ]);
  // Executable files stay so.
  await execute("test", ["-x", join(made, "local/cli/bin/pulumi")]);
});

it("the new project previews, with its name in the names, and its tests of settings pass", async () => {
  // The stand-in of Pulumi's docker plugin looks for contexts in the clone that it belongs to; Pulumi's own, where the program runs.
  await mkdir(clone.file(".image"), { recursive: true });
  await symlink(clone.file(".image"), join(made, ".image"));
  const { stdout, stderr, status } = await shell(
    "cd shop && pulumi preview --diff --non-interactive --color never",
  );
  expect(status, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/12 to create/);
  expect(stdout).toContain('"rg-shop-dev"');
  await shell("cd shop && pulumi stack rm --yes --preserve-config");
  await rm(join(made, ".image"));
  const tests = "test/components/settings test/docs/settings-table.test.ts test/workflows/workflows.test.ts";
  const ran = await execute("npx", ["vitest", "run", "--project", "unit", ...tests.split(" ")], {
    cwd: made,
  });
  expect(ran.stdout).toMatch(/^\d+ passed, 0 failed$/m);
});
