/** What reading an environment brings up: what stops it, and what is told. One sentence each. */
export interface Findings {
  faults: string[];
  notices: string[];
}
