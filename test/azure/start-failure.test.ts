import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ResourceProvider } from "../../local/azure/core/provider.ts";
import { startLocalAzure } from "./local-azure.ts";

test("why local Azure does not start is told first, where it cannot be stopped either", async () => {
  const directory = await mkdtemp(join(tmpdir(), "azure-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const fails = (message: string) => () => Promise.reject(new Error(message));
  const broken = { start: fails("Port 1 is taken."), stop: fails("no Docker daemon") };
  const providers = [() => broken as unknown as ResourceProvider];
  await expect(startLocalAzure({ directory, providers })).rejects.toThrow(
    "Port 1 is taken.\nCleaning up failed too: no Docker daemon",
  );
});

test("a provider that cannot stop keeps no other from it, and is told of", async () => {
  const directory = await mkdtemp(join(tmpdir(), "azure-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const stopped: string[] = [];
  const provider = (name: string, stop: () => Promise<void>) => () =>
    ({
      namespace: name,
      resourceTypes: [],
      routes: [],
      start: async () => {},
      stop,
    }) as unknown as ResourceProvider;
  const local = await startLocalAzure({
    directory,
    providers: [
      provider("Local.First", async () => void stopped.push("first")),
      provider("Local.Second", () => Promise.reject(new Error("no Docker daemon"))),
    ],
  });
  await expect(local.azure.close()).rejects.toThrow("no Docker daemon");
  expect(stopped).toEqual(["first"]);
});
