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
