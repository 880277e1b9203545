import { expect, test, vi } from "vitest";
import type { Registry } from "../../../../local/azure/container-registry/model.ts";
import { RegistryHost } from "../../../../local/azure/container-registry/runtime/host.ts";
import type { ProviderContext } from "../../../../local/azure/core/provider.ts";

vi.mock("../../../../local/azure/container-registry/runtime/distribution.ts", () => ({
  Distribution: class {
    start = () => Promise.reject(new Error("the registry's process did not start"));
    stop = () => Promise.reject(new Error("not yours"));
  },
}));

test("why a registry does not start is told first, where its process cannot be ended either", async () => {
  const context = { directory: "/nonexistent" } as ProviderContext;
  const host = new RegistryHost(context);
  const registry = { name: "cr", properties: { loginServer: "localhost:1" } } as Registry;
  await expect(host.start(registry)).rejects.toThrow(
    "the registry's process did not start\nCleaning up failed too: not yours",
  );
});
