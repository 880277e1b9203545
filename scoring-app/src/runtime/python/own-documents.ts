import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "../../errors.ts";
import { withoutMark } from "../../exact-json.ts";

/** By version, the files that describe a script, as Azure ML's server looks for them: the first that is there counts. */
const FILES: Record<string, string[]> = {
  "2": ["swagger.json", "swagger2.json"],
  "3": ["swagger3.json"],
  "3.1": ["swagger3.1.json"],
};

/**
 * What a script's author has written for /swagger.json, by version: in AML_APP_ROOT, else the working folder.
 * @throws Error naming the file, where it is not JSON.
 */
export async function readOwnDocuments(): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  for (const [version, files] of Object.entries(FILES)) {
    for (const file of files) {
      const text = await readJson(resolve(process.env.AML_APP_ROOT ?? "", file));
      if (text !== undefined && !documents.has(version)) documents.set(version, text);
    }
  }
  return documents;
}

async function readJson(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = withoutMark(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${messageOf(error)}`);
  }
  return text;
}
