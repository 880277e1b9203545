import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenOnLoopback } from "../../local/net/loopback.ts";
import { freePort, PortBook } from "../../local/net/ports.ts";
import { thisProcess } from "./port-owner.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ports-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("a name keeps its port, in the file too, until it is released", async () => {
  const file = join(folder, "state", "ports.json");
  const ports = new PortBook(file);
  const port = await ports.get("site/a");
  expect(await ports.get("site/a")).toBe(port);
  expect(await new PortBook(file).get("site/a")).toBe(port);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await ports.release("site/a");
  await ports.release("never asked");
});

test("names that ask at once get ports of their own", async () => {
  const ports = new PortBook(join(folder, "ports.json"));
  const names = Array.from({ length: 20 }, (_, index) => `site/${index}`);
  const given = await Promise.all(names.map((name) => ports.get(name)));
  expect(new Set(given).size).toBe(20);
});

test("a port is chosen below those of outgoing connections, free on both loopback addresses", async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(30_000);
  const listener = await listenOnLoopback(createServer, port, "site/a");
  await listener.close();
});

test("a kept port in use is one sentence with its owner and the remedy", async () => {
  const port = await freePort();
  const holder = await listenOnLoopback(createServer, port, "site/a");
  const sentence = (name: string) =>
    listenOnLoopback(createServer, port, name).then(
      () => "free",
      (error: Error) => error.message,
    );
  const taken = `Port ${port}, kept for NAME, is in use by ${thisProcess}: end that process and run the command again`;
  expect(await sentence("site/a")).toMatch(new RegExp(`^${taken.replace("NAME", "site/a")}\\.$`));
  // No address in a stack: another port will do.
  const name = "azure/identity";
  expect(await sentence(name)).toMatch(
    new RegExp(`^${taken.replace("NAME", name)}, or delete the line "${name}" in .local/ports.json`),
  );
  await holder.close();
});
