import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ensureEngine, languageHostDirectory } from "../../../local/setup/engine.ts";
import { cacheDirectory, repository } from "../../../local/system/clone.ts";
import { temporaryFolder } from "../sandbox.ts";

let engine: string;

beforeAll(async () => {
  const path = process.env.PATH ?? "";
  const signal = new AbortController().signal;
  engine = await ensureEngine({ report: (line) => console.error(line), cacheDirectory, path, signal });
});

interface Project {
  folder: string;
  env: NodeJS.ProcessEnv;
}

/** A Pulumi project without providers, with a stack. */
async function project(program: string): Promise<Project> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "state"));
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: scratch\nruntime: nodejs\n");
  writeFileSync(join(folder, "package.json"), '{ "main": "index.ts" }');
  writeFileSync(
    join(folder, "tsconfig.json"),
    '{ "compilerOptions": { "module": "commonjs", "moduleResolution": "node10", "ignoreDeprecations": "6.0", "noCheck": true } }',
  );
  writeFileSync(
    join(folder, "index.ts"),
    `import * as pulumi from "@pulumi/pulumi";
    const component = (name: string) => new pulumi.ComponentResource("test:index:Component", name);
    ${program}`,
  );
  const env = {
    ...process.env,
    PATH: `${languageHostDirectory}:${process.env.PATH}`,
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // No program here has a resource, though the packages beside it name plugins.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NO_COLOR: "1",
  };
  const here = { folder, env };
  expect((await pulumi(here, "stack", "init", "dev")).status).toBe(0);
  return here;
}

function begin({ folder, env }: Project, argv: string[]): ChildProcess {
  return spawn(engine, [...argv, "--non-interactive"], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function pulumi(here: Project, ...argv: string[]): Promise<{ status: number; output: string }> {
  return finish(begin(here, argv));
}

async function finish(child: ChildProcess): Promise<{ status: number; output: string }> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (data) => (output += data));
  const [status] = await once(child, "close");
  return { status, output };
}

describe("a program, with the engine of this machine", () => {
  it("is previewed, applied and found unchanged, without a warning", async () => {
    const here = await project(`component("one"); export const answer = 42;`);
    const preview = await pulumi(here, "preview");
    expect(preview.output).toContain("+ 2 to create");
    expect(preview.output).not.toContain("warning:");
    expect((await pulumi(here, "up", "--yes", "--skip-preview")).output).toContain("+ 2 created");
    expect((await pulumi(here, "preview", "--expect-no-changes")).status).toBe(0);
    expect((await pulumi(here, "stack", "output", "answer")).output.trim()).toBe("42");
  });

  it("fails with its own error, said once", async () => {
    const here = await project(`throw new Error("boom");`);
    const { status, output } = await pulumi(here, "preview");
    expect(status).not.toBe(0);
    expect(output.match(/Error: boom/g)).toHaveLength(1);
  });

  it("is let go by Ctrl-C, and what was made is recorded", async () => {
    const here = await project(
      `component("one").urn.apply(() => console.log("made")); export const never = new Promise(() => setInterval(() => {}, 1000));`,
    );
    const child = begin(here, ["up", "--yes", "--skip-preview"]);
    const finished = finish(child);
    await new Promise<void>((resolve) =>
      child.stdout!.on("data", (data) => String(data).includes("made") && resolve()),
    );
    child.kill("SIGINT");
    expect((await finished).status).not.toBe(0);
    expect((await pulumi(here, "stack", "export")).output).toContain("test:index:Component::one");
  });
});
