import { randomInt, timingSafeEqual } from "node:crypto";
import { type PasswordName, passwordNames, type Registry } from "./model.ts";

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const alphanumerics = base64.slice(0, 62);

/** A password of 52 characters in the look of the service's: 42 of base64, `+ACR`, 6 alphanumerics. */
export function newPassword(): string {
  return `${randomText(base64, 42)}+ACR${randomText(alphanumerics, 6)}`;
}

/** Which password of the admin user the pair is, if it is one and the admin user is on. */
export function adminPassword(registry: Registry, user: string, password: string): PasswordName | undefined {
  const { adminUserEnabled, passwords } = registry.properties;
  if (!adminUserEnabled || user.toLowerCase() !== registry.name.toLowerCase()) return undefined;
  return passwordNames.find((name) => sameText(passwords[name], password));
}

/** The answer of listCredentials and regenerateCredential. */
export function listedCredentials({ name, properties }: Registry): unknown {
  return {
    username: name,
    passwords: passwordNames.map((password) => ({ name: password, value: properties.passwords[password] })),
  };
}

function randomText(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
