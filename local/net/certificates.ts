import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { writeFileAtomically } from "../system/files.ts";

/** The clone's certificate authority and the certificate of its listeners. */
export interface LocalCertificates {
  /** File that clients trust (PEM). */
  caFile: string;
  ca: string;
  /** Server certificate for localhost, 127.0.0.1 and ::1 (PEM). */
  cert: string;
  key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 60 * 60 * 1000;
const caDays = 3650;
/** Apple's clients refuse server certificates that are valid for longer than 825 days. */
const serverDays = 820;
const renewBeforeDays = 30;

/**
 * Reads the clone's certificates from `directory` (0700), making what is missing or about to expire. The authority is
 * kept, so that clients that trust `ca.pem` go on trusting it when the server certificate is renewed.
 */
export async function localCertificates(directory: string): Promise<LocalCertificates> {
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(directory, name);
  const paths = {
    ca: file("ca.pem"),
    caKey: file("ca.key"),
    cert: file("server.pem"),
    key: file("server.key"),
  };
  const caIsNew = !(existsSync(paths.ca) && existsSync(paths.caKey) && (await isFresh(paths.ca)));
  if (caIsNew) {
    const authority = await newAuthority();
    await writeFileAtomically(paths.caKey, authority.key);
    await writeFileAtomically(paths.ca, authority.cert);
  }
  if (caIsNew || !existsSync(paths.cert) || !existsSync(paths.key) || !(await isFresh(paths.cert))) {
    const [cert, key] = await Promise.all([readFile(paths.ca, "utf8"), readFile(paths.caKey, "utf8")]);
    const server = await newServerCertificate(cert, key);
    await writeFileAtomically(paths.key, server.key);
    await writeFileAtomically(paths.cert, server.cert);
  }
  const [ca, cert, key] = await Promise.all(
    [paths.ca, paths.cert, paths.key].map((path) => readFile(path, "utf8")),
  );
  return { caFile: paths.ca, ca: ca!, cert: cert!, key: key! };
}

async function isFresh(file: string): Promise<boolean> {
  const certificate = new x509.X509Certificate(await readFile(file, "utf8"));
  return certificate.notAfter.getTime() > Date.now() + renewBeforeDays * day;
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  // An hour's grace for containers and machines whose clock is behind.
  return { notBefore: new Date(Date.now() - 60 * 60 * 1000), notAfter: new Date(Date.now() + days * day) };
}

async function newAuthority(): Promise<{ cert: string; key: string }> {
  const keys = await newKeyPair();
  // A name of its own for each: OpenSSL picks an issuer by name when several local authorities are trusted.
  const serial = Buffer.from(webcrypto.getRandomValues(new Uint8Array(4))).toString("hex");
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=azure-ml-scoring local CA ${serial}`,
    ...validity(caDays),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString("pem"), key: await exportKey(keys.privateKey) };
}

async function newServerCertificate(caPem: string, caKeyPem: string): Promise<{ cert: string; key: string }> {
  const authority = new x509.X509Certificate(caPem);
  const pkcs8 = x509.PemConverter.decode(caKeyPem)[0]!;
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, algorithm, false, ["sign"]);
  const keys = await newKeyPair();
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: authority.subject,
    ...validity(serverDays),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString("pem"), key: await exportKey(keys.privateKey) };
}

async function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return keys as webcrypto.CryptoKeyPair;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
