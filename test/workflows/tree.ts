import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface Step {
  uses?: string;
  run?: string;
  if?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
}

export interface Job {
  "runs-on"?: string;
  "timeout-minutes"?: number;
  if?: string;
  needs?: string;
  uses?: string;
  with?: Record<string, unknown>;
  environment?: string;
  permissions?: object;
  concurrency?: object;
  strategy?: { matrix: { stack: string[] } };
  env?: Record<string, unknown>;
  steps?: Step[];
}

interface Workflow {
  on: object;
  permissions: object;
  jobs: Record<string, Job>;
}

const root = join(import.meta.dirname, "..", "..");
export const folder = join(root, ".github", "workflows");

/** The workflows, and what they refer to. */
export class Tree {
  readonly texts: Record<string, string>;
  readonly workflows: Record<string, Workflow>;
  /** By "FILE JOB". */
  readonly jobs: Record<string, Job>;
  readonly scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
  /** Those that have a settings file. */
  readonly stacks = readdirSync(root).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);

  constructor(texts: Record<string, string>) {
    const parsed = Object.entries(texts).map(([file, text]): [string, Workflow] => [file, parse(text)]);
    const jobs = parsed.flatMap(([file, workflow]) =>
      Object.entries(workflow.jobs).map(([name, job]): [string, Job] => [`${file} ${name}`, job]),
    );
    this.texts = texts;
    this.workflows = Object.fromEntries(parsed);
    this.jobs = Object.fromEntries(jobs);
  }

  static read(): Tree {
    const files = readdirSync(folder).sort();
    return new Tree(
      Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")])),
    );
  }

  /** The same with one place of one file changed. */
  with(file: string, place: string, other: string): Tree {
    const text = this.texts[file] ?? "";
    if (!text.includes(place)) throw new Error(`${file} has no '${place}'`);
    return new Tree({ ...this.texts, [file]: text.replace(place, () => other) });
  }

  get steps(): Step[] {
    return Object.values(this.jobs).flatMap(({ steps }) => steps ?? []);
  }

  /** What `pick` finds in each job, without the jobs where that is undefined. */
  each<T>(pick: (job: Job) => T | undefined): Record<string, T> {
    const found = Object.entries(this.jobs).map(([name, job]) => [name, pick(job)]);
    return Object.fromEntries(found.filter(([, value]) => value !== undefined));
  }
}
