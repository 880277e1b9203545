import type { GivenModel } from "../stack/model-folder.ts";
import type { Report } from "../system/report.ts";

/** What a command is given. */
export interface Invocation {
  /** Name of a stack that has a settings file. */
  stack: string;
  json: boolean;
  follow: boolean;
  /** A model that takes the place of the stack's own. */
  model?: GivenModel;
  /** A commit, for `preview` to compare with: a branch, tag or hash. */
  against?: string;
  markdown: boolean;
  /** Whether what holds data or the public name may be replaced or deleted. */
  allowReplace: boolean;
  /** URNs, or patterns of them, of what `up` makes anew. */
  replace: string[];
  /** Progress, to stderr. */
  report: Report;
  /** Results, to stdout. */
  print: (line: string) => void;
}
