import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ResourceStore } from "../../../local/azure/core/store.ts";
import { openVault } from "../../../local/azure/core/vault.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "store-test-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = async () => {
  const file = join(directory, "store");
  return ResourceStore.open(file, await openVault(join(directory, "key"), file));
};
const group = "/subscriptions/s/resourceGroups/g";
const site = (name: string, properties = {}) => ({
  id: `${group}/providers/Microsoft.Web/sites/${name}`,
  name,
  type: "Microsoft.Web/sites",
  properties,
});
const config = {
  id: `${site("a").id}/config/web`,
  name: "web",
  type: "Microsoft.Web/sites/config",
  properties: {},
};

describe("the store", () => {
  it("has on disk what a resolved write wrote", async () => {
    const store = await open();
    await store.put(site("a", { x: 1 }));
    expect((await open()).get(site("a").id)).toEqual(site("a", { x: 1 }));
  });

  it("keeps no secret in clear, in files of the owner's only", async () => {
    const store = await open();
    await store.put(site("a", { password: "s3cret-planted" }));
    expect((await readFile(join(directory, "store"))).includes("s3cret-planted")).toBe(false);
    for (const name of ["store", "key"]) {
      expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600);
    }
  });

  it("finds ids in any case and deletes what lies below", async () => {
    const store = await open();
    await store.put(site("a"));
    await store.put(site("ab"));
    await store.put(config);
    expect(store.get(site("a").id.toUpperCase())?.name).toBe("a");
    await store.delete(site("a").id);
    expect(store.get(config.id)).toBeUndefined();
    expect(store.list("microsoft.web/SITES", group).map(({ name }) => name)).toEqual(["ab"]);
  });

  it("counts only top-level resources as a group's", async () => {
    const store = await open();
    await store.put(site("a"));
    await store.put(config);
    expect(store.inGroup(group).map(({ name }) => name)).toEqual(["a"]);
  });

  it("gives copies: a change of one changes nothing until it is put", async () => {
    const store = await open();
    await store.put(site("a", { list: [1] }));
    (store.get(site("a").id)!.properties.list as number[]).push(2);
    expect(store.get(site("a").id)!.properties.list).toEqual([1]);
  });

  it("keeps every one of many writes at once", async () => {
    const store = await open();
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    await Promise.all(names.map((name) => store.put(site(name))));
    expect((await open()).list("Microsoft.Web/sites")).toHaveLength(20);
  });

  it.each([
    ["a changed byte", (bytes: Buffer) => bytes.with(-1, bytes.at(-1)! ^ 1)],
    ["half of it", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ["nothing in it", () => Buffer.alloc(0)],
  ])("refuses to open a file with %s, and leaves it alone", async (_, damage) => {
    await (await open()).put(site("a"));
    const damaged = damage(await readFile(join(directory, "store")));
    await writeFile(join(directory, "store"), damaged);
    await expect(open()).rejects.toThrow(
      `The state of local Azure in ${join(directory, "store")} cannot be read`,
    );
    const kept = await readFile(join(directory, "store"));
    expect(damaged.every((byte, index) => byte === kept[index])).toBe(true);
    expect(kept).toHaveLength(damaged.length);
  });

  it("refuses to make a new key for an old store", async () => {
    await (await open()).put(site("a"));
    await rm(join(directory, "key"));
    await expect(open()).rejects.toThrow(`its key ${join(directory, "key")} is not`);
  });
});
