import { createHmac } from "node:crypto";

/**
 * Identifies what a container runs: 16 hexadecimal digits that change with the image and with any app setting. Every
 * answer of the app carries them: only a key that nobody can guess keeps a short secret among the settings from being tried.
 */
export function revisionOf(image: string, appSettings: Record<string, string>, key: string): string {
  const settings = Object.entries(appSettings).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([image, settings]);
  return createHmac("sha256", key).update(text).digest("hex").slice(0, 16);
}
