import { RELEASE_CHECKS, type ReleaseArgs } from "../release/scoring-url";
import { type Reader, wholeNumber } from "./reader";

export function releaseSettings(reader: Reader): ReleaseArgs {
  return reader.group(RELEASE_CHECKS, { readyTimeout: wholeNumber }, ["readyTimeout"]);
}
