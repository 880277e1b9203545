/** Writes what is generated in the documentation: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withDifferences } from "./differences.ts";

const file = join(import.meta.dirname, "differences.md");
writeFileSync(file, withDifferences(readFileSync(file, "utf8")));
