import { createHmac } from "node:crypto";
import { isSameSecret } from "../../system/secrets.ts";

export type Claims = Record<string, unknown>;

/** A JSON Web Token signed with HMAC-SHA-256. */
export function signJwt(claims: Claims, key: Buffer): string {
  const head = encode({ typ: "JWT", alg: "HS256" });
  const payload = encode(claims);
  return `${head}.${payload}.${signature(`${head}.${payload}`, key)}`;
}

/** The token's claims; undefined when it is not a token or not signed with `key`. Does not look at the time. */
export function readJwt(token: string, key: Buffer): Claims | undefined {
  const [head, payload, given, ...more] = token.split(".");
  if (head === undefined || payload === undefined || given === undefined || more.length > 0) return undefined;
  if (!isSameSecret(given, signature(`${head}.${payload}`, key))) return undefined;
  // The signature says that the payload is one that signJwt made.
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Claims;
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signature(text: string, key: Buffer): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
