import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { armPath, resourceTypes } from "../plugins/azure-native/resource-types.ts";
import { withCleanUp } from "../system/clean-up.mjs";
import type { Report } from "../system/report.ts";
import { UNSURE } from "./records.ts";

/** What recovering a stack takes. */
export interface Recovery {
  /** Runs a command of the engine on the stack, and resolves with what it printed. */
  pulumi(...words: string[]): Promise<string>;
  subscriptionId: string;
  /** Gets what the resource manager has at a path below the subscription. */
  ask(
    path: string,
    apiVersion: string,
  ): Promise<{ status: number; body: { value?: unknown[]; error?: { message: string } } }>;
  report: Report;
}

/** Something that the engine has begun. */
interface Operation {
  type: string;
  resource: Recorded;
}

/** A resource in the engine's record. */
interface Recorded {
  urn: string;
  type: string;
  id?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  inputs: Record<string, unknown>;
  initErrors?: string[];
}

/** What `pulumi stack export` prints. */
interface Exported {
  deployment: {
    resources?: Recorded[];
    /** What the engine had begun and did not see the end of. */
    pending_operations?: Operation[];
  };
}

/**
 * Makes the record of a stack what Azure has, after its engine was killed in the middle of a deployment. The engine's
 * refresh settles what was changed or deleted. For what was being created it has no id, its --import-pending-creates is
 * without effect (3.274), and the azure-native plugin refuses to create what exists.
 *
 * @returns false where nothing was cut off.
 */
export async function recover(recovery: Recovery): Promise<boolean> {
  const { pulumi, report } = recovery;
  const before = await exported(recovery);
  const { resources = [], pending_operations: pending = [] } = before.deployment;
  const cut = pending.filter(isLatest);
  const unsure = resources.filter(({ initErrors }) => initErrors?.includes(UNSURE));
  if (cut.length + unsure.length === 0) return false;
  for (const { type, resource } of cut) report(`Interrupted while ${type} ${nameOf(resource)}.`);
  const added = await perhapsCreated(cut, resources, recovery);
  const created = [...unsure, ...added];
  before.deployment.resources = added.reduce(withCreated, resources);
  await replaceRecord(before, recovery);
  report("Asking Azure what it has (`pulumi refresh`).");
  await pulumi("refresh", "--yes", "--skip-preview");
  if (created.length === 0) return true;
  // The plugin, which knows nothing of what was sent, has taken all that Azure has for it.
  const after = await exported(recovery);
  for (const { urn, inputs } of created) {
    const recorded = (after.deployment.resources ?? []).filter((resource) => resource.urn === urn);
    const found = recorded.find((resource) => !resource.delete);
    report(`${nameOf({ urn })} ${found ? "is there" : "was not created"}.`);
    if (found) found.inputs = inputs;
    // What it was to replace stays.
    else if (recorded[0]) recorded[0].delete = false;
  }
  await replaceRecord(after, recovery);
  return true;
}

/** What Azure may have created, with the ids that it then has. */
async function perhapsCreated(
  cut: readonly Operation[],
  resources: readonly Recorded[],
  recovery: Recovery,
): Promise<Recorded[]> {
  const { subscriptionId, report } = recovery;
  const known = resources.map(({ id = "" }) => id.toLowerCase());
  const found: Recorded[] = [];
  for (const { type: operation, resource } of cut) {
    const { path, singleton } = resourceTypes[resource.type] ?? {};
    // A value or an image is made anew: nobody has it yet.
    if (operation !== "creating" || path === undefined || singleton) continue;
    const id = armPath(path, subscriptionId, resource.inputs);
    // Created by a later deployment, which leaves what it does not know as it is.
    if (known.includes(id.toLowerCase())) continue;
    const group = /\/resourceGroups\/([^/]+)$/.exec(id)?.[1];
    if (group === undefined || (await isEmpty(group, recovery)))
      found.push({ ...resource, id, initErrors: [UNSURE] });
    else report(`Resource group ${group} has resources that are not this stack's: it is left alone.`);
  }
  return found;
}

/** Whether a resource group has no resource; where there is no such group, too. */
async function isEmpty(group: string, { ask }: Recovery): Promise<boolean> {
  const { status, body } = await ask(`/resourceGroups/${group}/resources`, "2021-04-01");
  if (status === 404) return true;
  if (status === 200) return body.value?.length === 0;
  throw new Error(`Azure does not say what resource group ${group} has: ${body.error?.message ?? status}`);
}

/**
 * A creation that was cut off stays in the record, behind those of a later deployment, even one that was cut off at the same
 * resource. Of both, one would be recorded as the other's replacement, and what is there deleted.
 */
const isLatest = ({ resource: { urn } }: Operation, at: number, all: readonly Operation[]) =>
  all.findIndex(({ resource }) => resource.urn === urn) === at;

/** In the place of what it replaces, which is then to be deleted. */
function withCreated(resources: Recorded[], created: Recorded): Recorded[] {
  const at = resources.findIndex(({ urn, delete: gone }) => urn === created.urn && !gone);
  if (at < 0) return [...resources, created];
  return resources.toSpliced(at, 1, created, { ...resources[at]!, delete: true });
}

const nameOf = ({ urn }: Pick<Recorded, "urn">) => urn.split("::").at(-1);

async function exported({ pulumi }: Recovery): Promise<Exported> {
  return JSON.parse(await pulumi("stack", "export"));
}

async function replaceRecord(record: Exported, { pulumi }: Recovery): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "recovery-"));
  const file = join(folder, "record.json");
  const replace = async () => {
    await writeFile(file, JSON.stringify(record), { mode: 0o600 });
    await pulumi("stack", "import", "--file", file);
  };
  await withCleanUp(replace, () => rm(folder, { recursive: true }));
}
