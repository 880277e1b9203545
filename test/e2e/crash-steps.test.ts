import { readFile } from "node:fs/promises";
import { afterAll, expect, test } from "vitest";
import { processesWith } from "../../local/system/processes.ts";
import { Clone, containersOf } from "./clone.ts";
import { CrashingEngine, type Step } from "./crashing-engine.ts";
import { ResourceManager } from "./resource-manager.ts";

/** One stack, deployed and destroyed again and again, with an engine that is killed on the way. */

/** Steps at which an `up` and the `destroy` after it are killed; no step lets it end. */
type Crash = [up: Step, destroy: Step];
const none = "no step";

const clone = await Clone.create();
afterAll(() => clone.dispose());
const made = await clone.shell("pulumi stack init dev && pulumi preview");
if (made.status !== 0) throw new Error(made.stdout + made.stderr);
const environment = await clone.environment();
const engine = await CrashingEngine.of(clone, environment);
afterAll(() => engine.close());
const manager = await ResourceManager.of(clone);

/** What is to be typed after the engine was killed. */
const recovery = /## A deployment is stuck[\s\S]*?- Command: [^`]*`([^`]+)`/.exec(
  await readFile("docs/runbook.md", "utf8"),
)?.[1];

/** `npm run crashes` goes through all steps, which the engine itself tells. */
const crashes: Crash[] = process.env.CRASHES
  ? await everyStep()
  : [
      [
        "create azure-native:containerregistry:Registry scoring-registry, done",
        "delete azure-native:web:WebApp scoring-app",
      ],
      ["wait for the revision", none],
    ];

async function everyStep(): Promise<Crash[]> {
  const up = await engine.run("up");
  const destroy = await engine.run("destroy");
  const longer = Array.from({ length: Math.max(up.steps.length, destroy.steps.length) });
  return longer.map((_, index) => [up.steps[index] ?? none, destroy.steps[index] ?? none]);
}

test.for(crashes)("the engine killed: up at '%s', destroy at '%s'", async ([up, destroy]) => {
  if (up !== none) {
    await crash("up", up);
    await expectAzureIsRecorded();
  }
  await pulumi("pulumi up --yes --skip-preview");
  await expectAzureIsRecorded();
  await pulumi("pulumi preview --expect-no-changes");
  if (destroy !== none) {
    await crash("destroy", destroy);
    await expectAzureIsRecorded();
  }
  await pulumi("pulumi destroy --yes --skip-preview");
  await expectNothingIsLeft();
});

if (process.env.CRASHES)
  test("the engine killed while a new registry takes the old one's place", async () => {
    await pulumi("pulumi up --yes --skip-preview");
    // The preview renews the copy of the settings, too.
    await pulumi("pulumi config set registryName crashes42 && pulumi preview");
    await crash("up", "create azure-native:containerregistry:Registry scoring-registry, done");
    await expectAzureIsRecorded();
    await pulumi("pulumi up --yes --skip-preview");
    await expectAzureIsRecorded();
    expect((await manager.ids()).filter((id) => id.includes("/registries/"))).toEqual([
      expect.stringMatching("crashes42$"),
    ]);
    await pulumi("pulumi preview --expect-no-changes && git checkout -q Pulumi.dev.yaml");
    await pulumi("pulumi destroy --yes --skip-preview");
    await expectNothingIsLeft();
  });

test("Ctrl-C in the middle of up and of destroy: the next one goes on from there", async () => {
  await interrupt("up", "docker:index:Image scoring-image creating");
  expect((await clone.succeed("up")).stdout).toContain("Patients: 442 of 442");
  await expectAzureIsRecorded();
  await interrupt("destroy", "azure-native:web:WebApp scoring-app deleting");
  await clone.succeed("destroy");
  await expectNothingIsLeft();
});

async function interrupt(command: string, after: string): Promise<void> {
  const running = clone.start("npm", ["run", "-s", "local", "--", command], { terminal: true });
  await running.printed(after);
  process.kill(-running.pid, "SIGINT");
  expect(await running.ended).toMatchObject({ status: 1 });
}

/** Kills the engine at the step, and recovers as the runbook says. */
async function crash(command: "up" | "destroy", step: Step): Promise<void> {
  expect(await engine.run(command, step)).toMatchObject({ killed: true });
  await pulumi(recovery!);
}

async function pulumi(script: string): Promise<void> {
  const { status, stdout, stderr } = await clone.run("bash", ["-c", script], environment);
  expect(status, `${script}\n${stdout}${stderr}`).toBe(0);
}

async function expectAzureIsRecorded(): Promise<void> {
  const { resources = [], pending_operations = [] } = await clone.record();
  const ids = resources.flatMap(({ id }) => (id?.startsWith("/subscriptions/") ? [id] : []));
  expect(await manager.ids()).toEqual(ids.sort());
  expect(pending_operations).toEqual([]);
}

async function expectNothingIsLeft(): Promise<void> {
  expect(await manager.ids()).toEqual([]);
  expect(await containersOf(clone)).toEqual([]);
  expect(
    await processesWith((argument) => argument.startsWith(clone.file(".local/azure/registries/"))),
  ).toEqual([]);
}
