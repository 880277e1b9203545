/**
 * How long a person waits, with the tool chain in place:
 * `npm run bench:loop [-- --against REF] [--repeat N] [--tests N]`. The checkout's own files are measured, and a commit
 * beside them, turn by turn. Prints a table of medians; leaves nothing. Of `npm test`, both run what the commit tests, too.
 */
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Clone, type Result } from "../test/e2e/clone.ts";

const { values: options } = parseArgs({
  options: {
    /** A commit, branch or tag to compare with. */
    against: { type: "string" },
    /** Measurements of what can be measured again. */
    repeat: { type: "string", default: "3" },
    /** Measurements of `npm test`, which takes minutes. */
    tests: { type: "string", default: "0" },
  },
});

interface Step {
  name: string;
  times: number;
  run(clone: Clone): Promise<Result>;
  /** What it needs, not measured. */
  before?(clone: Clone): Promise<unknown>;
  /** Whether its time counts though it failed: one test of a thousand does not change it. */
  mayFail?: boolean;
}

const local = (name: string, ...argv: string[]): Step => ({
  name,
  times: 1,
  run: (clone) => clone.local(...argv),
});

/** Here, the test files that the other commit has, by these names or others; all of them where there is no other commit. */
function testFiles(against: string | undefined): string[] {
  if (against === undefined) return [];
  const git = (...argv: string[]) => execFileSync("git", argv, { encoding: "utf8" }).split("\n");
  const added = git("diff", "--find-renames=30%", "--diff-filter=A", "--name-only", against, "--", "test");
  return git("ls-files", "test/*.test.ts").filter((file) => file !== "" && !added.includes(file));
}

const tested = testFiles(options.against);
const environments = new Map<Clone, NodeJS.ProcessEnv>();
const steps: Step[] = [
  {
    ...local("npm run local, the first time in a clone"),
    // A commit with other dependencies has them installed first.
    before: (clone) => clone.run("npm", ["run", "-s", "prelocal"]),
  },
  { ...local("npm run local, nothing changed"), times: Number(options.repeat) },
  { ...local("npm run local -- preview", "preview"), times: Number(options.repeat) },
  {
    name: "pulumi preview",
    times: Number(options.repeat),
    before: async (clone) => environments.set(clone, await clone.environment()),
    run: (clone) => clone.run("pulumi", ["preview", "--non-interactive"], environments.get(clone)),
  },
  {
    ...local("npm run local, a line of the scoring app edited"),
    before: async (clone) => {
      const file = clone.file("scoring-app/src/main.ts");
      await writeFile(file, `${await readFile(file, "utf8")}export const edited = true;\n`);
    },
  },
  local("npm run local -- destroy", "destroy"),
  local("npm run local -- stop", "stop"),
  {
    name: "npm test",
    times: Number(options.tests),
    mayFail: true,
    run: (clone) => clone.run("npm", ["test", "--", ...(clone === clones[0] ? tested : [])]),
  },
];

const clones: Clone[] = [];
const rows: Record<string, string | number>[] = [];
try {
  clones.push(await Clone.create());
  if (options.against) clones.push(await Clone.create(options.against));
  for (const step of steps) if (step.times > 0) rows.push(await measured(step));
} finally {
  for (const clone of clones) await clone.dispose();
}
console.table(rows);

/** A row of the table: seconds here, and beside them those of the other commit. */
async function measured({ name, times, run, before, mayFail }: Step) {
  const seconds = clones.map(() => [] as number[]);
  for (let time = 0; time < times; time++) {
    for (const [index, clone] of clones.entries()) {
      await before?.(clone);
      const since = performance.now();
      const { status, stdout, stderr } = await run(clone);
      const took = (performance.now() - since) / 1000;
      seconds[index]!.push(took);
      console.error(`${name}, ${index === 0 ? "here" : `at ${options.against}`}: ${took.toFixed(1)} s`);
      if (status === 0) continue;
      const told = `${name} ended with ${status}:\n${stdout}\n${stderr}`;
      if (!mayFail) throw new Error(told);
      console.error(told);
    }
  }
  const [here, there] = seconds.map((all) => all.toSorted((a, b) => a - b)[all.length >> 1]!);
  const row = { step: name, runs: times, "seconds here": here!.toFixed(1) };
  if (there === undefined) return row;
  return { ...row, [`at ${options.against}`]: there.toFixed(1), share: (here! / there).toFixed(2) };
}
