import type { Report } from "../system/report.ts";

/** What a command is given. */
export interface Invocation {
  /** Name of a stack that has a settings file. */
  stack: string;
  json: boolean;
  follow: boolean;
  /** Folder of a model that takes the place of the stack's own, by its path in the repository. */
  model?: string;
  /** URNs, or patterns of them, of what `up` makes anew. */
  replace: string[];
  /** Progress, to stderr. */
  report: Report;
  /** Results, to stdout. */
  print: (line: string) => void;
}
