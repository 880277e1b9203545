import { createHmac } from "node:crypto";

/**
 * Identifies what a container runs: 16 hexadecimal digits that change with the image and with any app setting. The app
 * publishes it in every answer: without a key that nobody can guess, a short secret among the settings could be found by
 * trying.
 */
export function revisionOf(
  image: string,
  appSettings: Readonly<Record<string, string>>,
  key: string,
): string {
  const settings = Object.entries(appSettings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac("sha256", key)
    .update(JSON.stringify([image, settings]))
    .digest("hex")
    .slice(0, 16);
}
