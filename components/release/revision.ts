import { createHmac } from "node:crypto";

/**
 * Identifies what a container runs: 16 hexadecimal digits that change with the image, with any app setting and with the
 * registry's password. The app publishes it in every answer, so the registry's password, which nobody can guess, is the key:
 * without it a short secret among the settings could be found by trying.
 */
export function revisionOf(
  imageReference: string,
  appSettings: Readonly<Record<string, string>>,
  registryPassword: string,
): string {
  const settings = Object.entries(appSettings).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHmac("sha256", registryPassword)
    .update(JSON.stringify([imageReference, settings]))
    .digest("hex")
    .slice(0, 16);
}
