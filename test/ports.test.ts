import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { explainListenError, freePort, PortBook } from "../local/ports.ts";

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

test("a port in use is explained with its owner, another error is left as it is", async () => {
  const port = await freePort();
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(port, "127.0.0.1", resolve));
  const error = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" });
  const explained = (await explainListenError(error, "site/a", port)) as Error;
  expect(explained.message).toMatch(
    new RegExp(`^Port ${port}, kept for site/a, is in use by .+\\. End that process`),
  );
  const other = new Error("other");
  expect(await explainListenError(other, "site/a", port)).toBe(other);
  await new Promise((resolve) => holder.close(resolve));
});
