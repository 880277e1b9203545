import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const gibibyte = 1024 ** 3;

/** Storage that is included in a SKU's price, and webhooks that it allows. */
const limits: Record<string, { size: number; webhooks: number }> = {
  Basic: { size: 10 * gibibyte, webhooks: 2 },
  Standard: { size: 100 * gibibyte, webhooks: 10 },
  Premium: { size: 500 * gibibyte, webhooks: 500 },
};

/** The values of listUsages. */
export function usages(skuName: string, bytes: number): unknown[] {
  const { size, webhooks } = limits[skuName]!;
  return [
    { name: "Size", limit: size, currentValue: bytes, unit: "Bytes" },
    { name: "Webhooks", limit: webhooks, currentValue: 0, unit: "Count" },
  ];
}

/** Bytes of the files below `directory`; 0 when it is not there (a registry that nobody has pushed to). */
export async function sizeOf(directory: string): Promise<number> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(
      files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
    );
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  } catch (error) {
    // Also an upload that ended between the two looks.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
