import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { rootCertificates, setDefaultCACertificates } from "node:tls";
import { paths } from "../system/clone.ts";
import { writeFileAtomically } from "../system/files.ts";
import { systemCaBundle } from "./system-ca-bundle.ts";

/** The variables by which clients are told what to trust: OpenSSL and Go, Python's requests, Node, curl. */
export const trustVariables = [
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "NODE_EXTRA_CA_CERTS",
  "CURL_CA_BUNDLE",
] as const;

/**
 * Writes the bundle that `env` exports: the local CA, the system's roots, and whatever the trust variables named
 * before, so that a shell that has evaluated `env` loses nothing.
 *
 * @param caFile - the local CA's certificate, PEM.
 */
export async function writeCaBundle(caFile: string): Promise<void> {
  const named = trustVariables.map((name) => process.env[name]);
  const system = systemCaBundle();
  const files = new Set([caFile, system, ...named].filter((file) => file !== undefined && file !== ""));
  const alreadyEvaluated = files.delete(paths.caBundle);
  // In a shell that has evaluated `env`, what the variables named before is in the bundle only.
  if (alreadyEvaluated && existsSync(paths.caBundle)) files.add(paths.caBundle);
  const certificates = new Set<string>();
  for (const file of files) {
    for (const certificate of certificatesIn(await readFile(file as string, "utf8")))
      certificates.add(certificate);
  }
  if (!system) for (const certificate of rootCertificates) certificates.add(certificate.trim());
  const text = `${[...certificates].join("\n")}\n`;
  const kept = existsSync(paths.caBundle) ? await readFile(paths.caBundle, "utf8") : "";
  if (kept !== text) await writeFileAtomically(paths.caBundle, text);
}

/** Makes this process's own requests trust the bundle. */
export async function trustCaBundle(): Promise<void> {
  setDefaultCACertificates(certificatesIn(await readFile(paths.caBundle, "utf8")));
}

function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
