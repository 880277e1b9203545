/**
 * The `pulumi` that `npm run local -- env` puts first on PATH: the next `pulumi` on PATH with the same arguments, and
 * with --config-file where the command takes it, so that Pulumi does not write an encryption salt into the
 * repository's stack files. `pulumi config set` and its like are meant to write there and go through unchanged.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { useEnvironmentProxy } from "../net/proxy.mjs";
import { readMachineSettings } from "../stack/machine-settings.ts";
import { knownStacks } from "../stack/project.ts";
import { copyConfig } from "../stack/settings-copy.ts";
import { paths, repository } from "../system/clone.ts";
import { findOnPath } from "../system/command.ts";
import { words as wordsOf } from "../system/words.ts";

const takesConfigFile = new Set(wordsOf("up update preview pre refresh destroy down dn import"));
const flagsWithValue = new Set(
  wordsOf(`-s --stack -C --cwd --color -v --verbose --tracing --config-file -m --message -t --target -p --parallel
    -c --config --secrets-provider --copy-config-from`),
);

/** Subcommands of `stack` that write or delete Pulumi.STACK.yaml in the folder of the project that they run in. */
const rewriteStackFile = new Set(["init", "rm", "history", "change-secrets-provider"]);

useEnvironmentProxy();
const wrapper = join(repository, "local", "cli", "bin");
const engine = nextOnPath();
/** The stack that `env` has exported; the engine takes it before the one that is selected. */
const exported = process.env.PULUMI_STACK;
const given = process.argv.slice(2);
const [command, sub, operand] = words(given);
const elsewhere = command === "stack" && rewriteStackFile.has(sub ?? "") && inThisProject(given);
const added = elsewhere ? stackArguments(given) : await configFileArguments(given);
/** `destroy --remove` deletes the stack's file in the repository: the stack is removed after it, elsewhere. */
const removes = takesConfigFile.has(command ?? "") && given.includes("--remove") && inThisProject(given);
const passed = removes ? given.filter((word) => word !== "--remove") : given;
// A folder that has a project of this name and no program, so that the repository's stack files stay as they are.
const { PULUMI_CONFIG_PASSPHRASE: _, ...environment } = process.env;
const child = spawn(engine, [...passed, ...added], {
  stdio: "inherit",
  cwd: elsewhere ? paths.stackFiles : undefined,
  // A passphrase of the person's own would be tried before the clone's, which PULUMI_CONFIG_PASSPHRASE_FILE names.
  env: inThisProject(given) ? environment : process.env,
});
// The terminal sends Ctrl-C to the engine itself; this process only waits for it.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
child.on("exit", (ended, signal) => {
  let status = ended;
  if (status === 0 && removes && !given.includes("--preview-only")) {
    const name = flagValue(given, "-s", "--stack") ?? exported ?? selectedStack() ?? "";
    const removal = ["stack", "rm", "--yes", name];
    ({ status } = spawnSync(engine, removal, { stdio: "inherit", cwd: paths.stackFiles }));
  }
  if (status === 0 && elsewhere && sub === "init" && operand) {
    spawnSync(engine, ["stack", "select", operand], { stdio: "inherit" });
  }
  if (status === 0) tellExported();
  process.exitCode = signal ? 1 : (status ?? 1);
});

/** Says that a stack which has just been selected does not count. */
function tellExported(): void {
  const selecting = command === "stack" && (sub === "select" || sub === "init") && inThisProject(given);
  const selected = operand ?? flagValue(given, "-s", "--stack");
  if (!selecting || !selected || !exported || selected.split("/").at(-1) === exported) return;
  process.stderr.write(
    `The exported PULUMI_STACK=${exported} goes before the selected stack: evaluate \`npm run -s local -- env --stack ${selected}\`, or unset it.\n`,
  );
}

/** The stack that is exported or selected here, for a command that runs in another folder. */
function stackArguments(argv: string[]): string[] {
  const named = operand !== undefined || flagValue(argv, "-s", "--stack") !== undefined;
  const selected = named || sub === "init" ? undefined : (exported ?? selectedStack());
  return selected ? ["--stack", selected] : [];
}

async function configFileArguments(argv: string[]): Promise<string[]> {
  const reads = command === "config" && (sub === undefined || sub === "get");
  if (!command || !(takesConfigFile.has(command) || reads) || !inThisProject(argv)) return [];
  if (argv.some((word) => word === "--config-file" || word.startsWith("--config-file="))) return [];
  if (argv.includes("--help") || argv.includes("-h")) return [];
  const given = flagValue(argv, "-s", "--stack");
  const stack = given ?? exported ?? selectedStack();
  // Named, since the engine takes an exported stack that does not exist for none at all.
  const naming = given === undefined && exported !== undefined ? ["--stack", exported] : [];
  const name = stack?.split("/").at(-1);
  if (!name || !(await knownStacks()).includes(name)) return naming;
  return [...naming, "--config-file", await copyConfig(name, await readMachineSettings())];
}

/** The arguments that are no flags and no flags' values: command, subcommand, operands. */
function words(argv: string[]): string[] {
  return argv.filter((word, index) => !word.startsWith("-") && !flagsWithValue.has(argv[index - 1] ?? ""));
}

function flagValue(argv: string[], short: string, long: string): string | undefined {
  for (const [index, word] of argv.entries()) {
    if (word === short || word === long) return argv[index + 1];
    if (word.startsWith(`${long}=`)) return word.slice(long.length + 1);
  }
  return undefined;
}

function selectedStack(): string | undefined {
  const asked = spawnSync(engine, ["stack", "--show-name"], { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

/** True where the engine would read this repository's Pulumi.yaml. */
function inThisProject(argv: string[]): boolean {
  let folder = resolve(flagValue(argv, "-C", "--cwd") ?? ".");
  while (!existsSync(join(folder, "Pulumi.yaml")) && folder !== dirname(folder)) folder = dirname(folder);
  return folder === repository;
}

function nextOnPath(): string {
  const folders = (process.env.PATH ?? "").split(":").filter((folder) => resolve(folder) !== wrapper);
  const found = findOnPath("pulumi", folders.join(":"));
  if (found) return found;
  throw new Error(
    "No Pulumi engine follows local/cli/bin on PATH: evaluate `npm run -s local -- env` again.",
  );
}
