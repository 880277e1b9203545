import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { differences, told, worstOf } from "../../compare.ts";
import { messageOf } from "../../errors.ts";
import { jsonOf, parseText, withoutMark } from "../../exact-json.ts";
import type { Reply } from "../../scoring/reply.ts";

const FILE = "sample_request.json";

/** A request that the script is known to serve. */
export interface Sample {
  /** Where it is from, as messages say it. */
  from: string;
  body: unknown;
  /** What run() has to answer. */
  expected?: unknown;
  /** Of its numbers; 1e-4 · max(1, |expected|) unless told. */
  tolerance?: number | undefined;
}

/**
 * sample_request.json beside the script: the body of a POST to /score. Where it is an object, its members `expected` and `tolerance`
 * are no part of the body.
 * @throws Error naming the file, where it cannot be used.
 */
export async function readSample(script: string): Promise<Sample | undefined> {
  const path = join(dirname(resolve(process.env.AML_APP_ROOT ?? "", script)), FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let content: unknown;
  try {
    content = parseText(withoutMark(text), true);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${messageOf(error)}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return { from: FILE, body: content };
  }
  const { expected, tolerance, ...body } = content as Record<string, unknown>;
  if (tolerance !== undefined && !(typeof tolerance === "number" && tolerance >= 0)) {
    throw new Error(`${path}: "tolerance" is ${jsonOf(tolerance)}, expected a number from 0`);
  }
  return { from: FILE, body, expected, tolerance };
}

/** @throws Error in one line where the answer to a sample is none, or another than the expected one. */
export function checkAnswer(
  subject: string,
  { from, expected, tolerance }: Sample,
  { status, body }: Reply,
): void {
  const text = body.toString();
  if (status !== 200) {
    throw new Error(
      `${subject} does not score ${from}: it answers ${status}, ${text.slice(0, 300)}; the log says why`,
    );
  }
  if (expected === undefined) return;
  let computed: unknown;
  try {
    computed = parseText(text, true);
  } catch {
    throw new Error(`${subject} answers ${from} with no JSON, which cannot be compared with "expected"`);
  }
  const all = differences(expected, computed, tolerance);
  const worst = worstOf(all);
  if (!worst) return;
  const place = worst.path.length > 0 ? `most of all at ${worst.path.join(".")}: ` : "";
  throw new Error(
    `${subject} answers ${from} otherwise than its "expected" says: ${all.length} values differ, ${place}${told(worst)}; ` +
      `correct the script, its model or its packages, or "expected"${worst.allowed > 0 ? ' or "tolerance"' : ""}`,
  );
}
