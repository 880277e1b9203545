import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "vitest";
import { parse } from "yaml";
import { readSettings as readGroups } from "../../../components/settings.ts";

export const NAME = "azure-ml-scoring";

export interface ProjectFile {
  name: string;
  config: Record<string, { default: unknown; description: string }>;
}

export const project: ProjectFile = parse(readFileSync("Pulumi.yaml", "utf8"));
/** The settings that it describes; `pulumi new` adds a key of the engine's. */
export const described = Object.entries(project.config).filter(([key]) => !key.includes(":"));

/** Every setting of every group, by its key. */
export function readSettings(raw: Record<string, string>, name: string, encrypted: string[] = []) {
  const { placement, image, hosting, release } = readGroups(raw, name, encrypted);
  return { ...placement, ...image, ...hosting, ...release };
}

/** What the engine hands to the program: the defaults of Pulumi.yaml under the stack's own configuration. */
export function configuration(
  own: Record<string, unknown> = {},
  location: string | null = "westeurope",
): Record<string, string> {
  const defaults = described.map(([key, setting]) => [key, setting.default]);
  const values = { ...Object.fromEntries(defaults), ...own };
  const entries = Object.entries(values).map(([key, value]) => [`${NAME}:${key}`, value]);
  if (location !== null) entries.push(["azure-native:location", location]);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

export function failure(own: Record<string, unknown>, location?: string | null): string {
  try {
    readSettings(configuration(own, location), NAME);
  } catch (error) {
    expect(pulumi.RunError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  throw new Error("the settings were accepted");
}

export function plain<T>(output: pulumi.Input<T>): Promise<unknown> {
  return new Promise((resolve) => pulumi.output(output).apply(resolve));
}
