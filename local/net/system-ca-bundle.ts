import { existsSync } from "node:fs";

/** Debian's place, Red Hat's, and macOS's. */
const places = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem",
];

/** PEM file of the certificates that this machine trusts, which may hold those of a proxy that reads TLS. */
export function systemCaBundle(): string | undefined {
  return places.find((file) => existsSync(file));
}
