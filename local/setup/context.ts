import type { Report } from "../system/report.ts";

/** What every part of the tool chain works with. */
export interface Context {
  report: Report;
  /** Shared by all clones of the user. */
  cacheDirectory: string;
  /** Where programs are sought: PATH without the wrapper that `env` puts first. */
  path: string;
  /** Ends what is being built or installed, since another part has failed. */
  signal: AbortSignal;
}
