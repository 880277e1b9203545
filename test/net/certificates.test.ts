import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { localCertificates } from "../../local/net/certificates.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "certificates-test-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true, force: true });
});

const years = (count: number) => count * 365 * 24 * 60 * 60 * 1000;

describe("the local certificates", () => {
  it("are for localhost by name and by both addresses, signed by the authority", async () => {
    const { cert, ca } = await localCertificates(directory);
    const [server, authority] = [new X509Certificate(cert), new X509Certificate(ca)];
    expect(server.verify(authority.publicKey)).toBe(true);
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect(server.checkHost("localhost")).toBe("localhost");
    for (const address of ["127.0.0.1", "::1"]) expect(server.checkIP(address), address).toBe(address);
    expect(server.checkHost("example.com")).toBeUndefined();
  });

  it("are kept, the keys readable by their owner only", async () => {
    const first = await localCertificates(directory);
    expect(await localCertificates(directory)).toEqual(first);
    for (const name of ["ca.key", "server.key"]) {
      expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it("are renewed before they expire, by the same authority", async () => {
    const first = await localCertificates(directory);
    vi.useFakeTimers({ now: Date.now() + years(2.2), toFake: ["Date"] });
    const second = await localCertificates(directory);
    expect(second.ca).toBe(first.ca);
    expect(second.cert).not.toBe(first.cert);
    expect(new X509Certificate(second.cert).verify(new X509Certificate(first.ca).publicKey)).toBe(true);
  });

  it("are made anew when the authority itself is about to expire", async () => {
    const first = await localCertificates(directory);
    vi.useFakeTimers({ now: Date.now() + years(10), toFake: ["Date"] });
    const second = await localCertificates(directory);
    expect(second.ca).not.toBe(first.ca);
    expect(await readFile(second.caFile, "utf8")).toBe(second.ca);
    expect(new X509Certificate(second.cert).verify(new X509Certificate(second.ca).publicKey)).toBe(true);
  });
});
