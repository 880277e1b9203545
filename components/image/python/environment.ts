import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a Python package asks for. */
export interface Environment {
  /** Version of Python, as 3.11: what is asked for, or the default. */
  python: string;
  pythonIsAsked: boolean;
  /** Lines for pip. */
  requirements: string[];
  /** Name of the file with hashes, beside the environment. */
  locked?: string;
  /** A sentence each, for the build's output. */
  notices: string[];
}

export function readEnvironment(folder: string): Environment {
  const file = join(folder, "requirements.txt");
  if (!existsSync(file)) throw new Error("has no environment: write requirements.txt");
  const requirements = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const locked = existsSync(join(folder, "requirements.lock")) ? "requirements.lock" : undefined;
  return { python: "3.11", pythonIsAsked: false, requirements, ...(locked && { locked }), notices: [] };
}
