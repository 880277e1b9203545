import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "../../errors.ts";
import { withoutMark } from "../../exact-json.ts";

/** By version, the files that describe a script, as Azure ML's server looks for them: the first that is there counts. */
const FILES: Record<string, string[]> = {
  "2": ["swagger.json", "swagger2.json"],
  "3": ["swagger3.json"],
};

/**
 * What a script's author has written for /swagger.json, by version: in AML_APP_ROOT, else the working folder.
 * @throws Error naming the file, where it cannot be read, or is not JSON.
 */
export async function readOwnDocuments(): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  for (const [version, files] of Object.entries(FILES)) {
    for (const file of files) {
      const text = await readJson(resolve(process.env.AML_APP_ROOT ?? "", file));
      if (text === undefined) continue;
      documents.set(version, text);
      break;
    }
  }
  return documents;
}

async function readJson(path: string): Promise<string | undefined> {
  try {
    const text = withoutMark(await readFile(path, "utf8"));
    JSON.parse(text);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${path} cannot be read as JSON: ${messageOf(error)}`);
  }
}
