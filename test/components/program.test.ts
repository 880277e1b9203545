import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, it, vi } from "vitest";
import { programEnd, settled, startMocks } from "./mocks.ts";

afterEach(async () => {
  await programEnd();
  vi.resetModules();
});

it("exports exactly the six outputs", async () => {
  await startMocks({ preview: true, outputs: () => ({}), calls: {} });
  pulumi.runtime.setAllConfig({
    "azure-native:location": "westeurope",
    "azure-ml-scoring:planSku": "B1",
    "azure-ml-scoring:instanceCount": "1",
    "azure-ml-scoring:readyTimeout": "900",
  });
  const program = await import("../../index.ts");
  await Promise.all(Object.values(program).map(settled));
  expect(Object.keys(program).sort()).toEqual([
    "baseUrl",
    "imageReference",
    "registryLoginServer",
    "resourceGroupName",
    "scoringUrl",
    "webAppName",
  ]);
});

it("stops at invalid settings before any resource is declared", async () => {
  const { resources } = await startMocks({ outputs: () => ({}), calls: {} });
  pulumi.runtime.setAllConfig({ "azure-ml-scoring:planSku": "X9" });
  await expect(import("../../index.ts")).rejects.toThrow(
    /planSku is "X9"[\s\S]*azure-native:location is not set/,
  );
  expect(resources).toEqual([]);
});
