import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { paths } from "../system/clone.ts";
import { projectName } from "./project.ts";

/** A resource in the engine's record of a stack. */
interface RecordedResource {
  type: string;
  /** The provider's id; components have none. */
  id?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

interface Latest {
  resources?: RecordedResource[];
  pending_operations?: unknown[];
}

/** An initialization error that tells the next recovery of what the last one did not come to ask Azure about. */
export const UNSURE = "the deployment was interrupted while this was created";

/** True where the engine has a record of the stack, if only an empty one. */
export async function stackExists(name: string): Promise<boolean> {
  return existsSync(await recordOf(name));
}

/** Names of the stacks that have resources. */
export async function deployedStacks(): Promise<string[]> {
  const folder = await recordsFolder();
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []).sort();
  const resources = await Promise.all(names.map(recordedResources));
  return names.filter((_, index) => resources[index]?.length);
}

/** What a stack has, finished or not, as the engine last wrote it down; nothing where the stack does not exist. */
async function recordedResources(name: string): Promise<RecordedResource[]> {
  return (await latest(name)).resources ?? [];
}

/** Whether the engine has not seen the end of something that it did; see `recover`. What failed, it has seen. */
export async function wasInterrupted(name: string): Promise<boolean> {
  const { pending_operations: cut = [], resources = [] } = await latest(name);
  return cut.length > 0 || resources.some(({ initErrors }) => initErrors?.includes(UNSURE));
}

/** Resource id of the stack's web app, which is there before the stack's first `up` has succeeded. */
export async function recordedSite(name: string): Promise<string | undefined> {
  const resources = await recordedResources(name);
  return resources.find(({ type, delete: gone }) => type === "azure-native:web:WebApp" && !gone)?.id;
}

/** Where the stack scores, as its last successful `up` has said. */
export async function recordedScoringUrl(name: string): Promise<string | undefined> {
  const resources = await recordedResources(name);
  const url = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.scoringUrl;
  return typeof url === "string" ? url : undefined;
}

async function latest(name: string): Promise<Latest> {
  const record = await recordOf(name);
  if (!existsSync(record)) return {};
  return JSON.parse(await readFile(record, "utf8")).checkpoint?.latest ?? {};
}

/** The file backend's file of a stack, which is there as long as the stack. */
export async function recordOf(name: string): Promise<string> {
  return join(await recordsFolder(), `${name}.json`);
}

async function recordsFolder(): Promise<string> {
  return join(paths.pulumiState, ".pulumi", "stacks", await projectName());
}
