/**
 * The `pulumi` that `npm run local -- env` puts first on PATH: the next `pulumi` on PATH with the same arguments, and
 * with --config-file where the command takes it, so that Pulumi does not write an encryption salt into the
 * repository's stack files. `pulumi config set` and its like are meant to write there and go through unchanged, but for
 * what they would encrypt.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { useEnvironmentProxy } from "../net/proxy.mjs";
import { readMachineSettings } from "../stack/machine-settings.ts";
import { knownStacks } from "../stack/project.ts";
import { copyConfig } from "../stack/settings-copy.ts";
import { paths, repository, wrapperDirectory } from "../system/clone.ts";
import { findOnPath } from "../system/command.ts";
import { words } from "../system/words.ts";

const takesConfigFile = new Set(words("up update preview pre refresh destroy down dn import"));
/** The engine's flags whose value may be the next word, each with its short form after a comma. */
const withValue = words(
  `stack,s cwd,C color verbose,v tracing config,c config-file copy-config-from exclude memprofilerate message,m
   parallel,p plan policy-pack policy-pack-config profiling replace secrets-provider target,t target-replace`,
);

/** Subcommands of `stack` that write or delete Pulumi.STACK.yaml in the folder of the project that they run in. */
const rewriteStackFile = new Set(["init", "rm", "history", "change-secrets-provider"]);

useEnvironmentProxy();
const engine = nextOnPath();
/** The stack that `env` has exported; the engine takes it before the one that is selected. */
const exported = process.env.PULUMI_STACK;
const given = process.argv.slice(2);
const { values: flags, positionals } = parseArgs({
  args: given,
  strict: false,
  options: Object.fromEntries(
    withValue.map((flag) => {
      const [name, short] = flag.split(",");
      return [name, { type: "string", ...(short && { short }) }];
    }),
  ),
});
const [command, sub, operand] = positionals;
const named = flags.stack as string | undefined;
const folder = resolve((flags.cwd as string | undefined) ?? ".");
/** Whether the engine would read this repository's Pulumi.yaml. */
const here = projectFolder(folder) === repository;
if (here && command === "config" && [true, "true"].includes(flags.secret as boolean)) {
  const where = "in a shell without this `env`, where Pulumi has the key of a stack on Azure";
  refuse(
    new Error(
      `a value encrypted with this clone's key cannot be read anywhere: set it ${where}, or leave --secret out.`,
    ),
  );
}
const elsewhere = here && command === "stack" && rewriteStackFile.has(sub ?? "");
const added = elsewhere ? stackArguments() : await configFileArguments().catch(refuse);
/** `destroy --remove` deletes the stack's file in the repository: the stack is removed after it, elsewhere. */
const removes =
  here && takesConfigFile.has(command ?? "") && [true, "true"].includes(flags.remove as boolean);
const passed = removes ? given.filter((word) => !/^--remove(=|$)/.test(word)) : given;
// A folder that has a project of this name and no program, so that the repository's stack files stay as they are.
const { PULUMI_CONFIG_PASSPHRASE: _, ...environment } = process.env;
const child = spawn(engine, [...passed, ...added], {
  stdio: "inherit",
  cwd: elsewhere ? paths.stackFiles : undefined,
  // A passphrase of the person's own would be tried before the clone's, which PULUMI_CONFIG_PASSPHRASE_FILE names.
  env: here ? environment : process.env,
});
// The terminal sends Ctrl-C to the engine itself; this process only waits for it.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (ended, signal) => {
  let status = ended;
  if (status === 0 && removes && !flags["preview-only"]) {
    const name = named ?? exported ?? selectedStack() ?? "";
    const removal = ["stack", "rm", "--yes", name];
    ({ status } = spawnSync(engine, removal, { stdio: "inherit", cwd: paths.stackFiles }));
  }
  if (status === 0 && elsewhere && sub === "init" && operand) {
    spawnSync(engine, ["stack", "select", operand], { stdio: "inherit", cwd: folder });
  }
  if (status === 0) tellExported();
  process.exitCode = signal ? 1 : (status ?? 1);
});

/** Says that a stack which has just been selected does not count. */
function tellExported(): void {
  const selecting = here && command === "stack" && (sub === "select" || sub === "init");
  const selected = operand ?? named;
  if (!selecting || !selected || !exported || selected.split("/").at(-1) === exported) return;
  process.stderr.write(
    `The exported PULUMI_STACK=${exported} takes precedence over the selected stack: evaluate \`npm run -s local -- env --stack ${selected}\`, or unset it.\n`,
  );
}

/** The stack that is exported or selected here, for a command that runs in another folder. */
function stackArguments(): string[] {
  const isNamed = operand !== undefined || named !== undefined;
  const selected = isNamed || sub === "init" ? undefined : (exported ?? selectedStack());
  // The last of two folders counts: not the one that the person named.
  const directory = flags.cwd === undefined ? [] : ["--cwd", paths.stackFiles];
  return [...directory, ...(selected ? ["--stack", selected] : [])];
}

async function configFileArguments(): Promise<string[]> {
  const reads = command === "config" && (sub === undefined || sub === "get");
  if (!here || !command || !(takesConfigFile.has(command) || reads)) return [];
  if (flags["config-file"] !== undefined || flags.help || flags.h) return [];
  // Named, since the engine takes an exported stack that does not exist for none at all.
  const naming = named === undefined && exported !== undefined ? ["--stack", exported] : [];
  const name = (named ?? exported ?? selectedStack())?.split("/").at(-1);
  if (!name || !(await knownStacks()).includes(name)) return naming;
  return [...naming, "--config-file", await copyConfig(name, await readMachineSettings())];
}

function refuse({ message }: Error): never {
  console.error(`error: ${message}`);
  process.exit(255);
}

function selectedStack(): string | undefined {
  const asked = spawnSync(engine, ["stack", "--show-name"], { encoding: "utf8", cwd: folder });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

function projectFolder(folder: string): string {
  return existsSync(join(folder, "Pulumi.yaml")) || folder === dirname(folder)
    ? folder
    : projectFolder(dirname(folder));
}

function nextOnPath(): string {
  const folders = (process.env.PATH ?? "")
    .split(":")
    .filter((folder) => resolve(folder) !== wrapperDirectory);
  const found = findOnPath("pulumi", folders.join(":"));
  if (found) return found;
  return refuse(
    new Error("no Pulumi engine follows local/cli/bin on PATH: evaluate `npm run -s local -- env` again."),
  );
}
