import { afterEach, expect, it } from "vitest";
import { resourceProvider } from "../../../local/azure/core/provider.ts";
import { finished, type LocalAzure, startLocalAzure, subscription } from "../local-azure.ts";

let local: LocalAzure;
afterEach(() => local.dispose());

const rg = `${subscription}/resourceGroups/rg`;
const thing = (name: string) => `${rg}/providers/Local.Test/things/${name}`;

/** A provider whose writes of `slow` say that they have begun, and wait. */
function slowProvider() {
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const written: string[] = [];
  const provider = resourceProvider({
    namespace: "Local.Test",
    resourceTypes: [{ resourceType: "things", apiVersions: ["2020-01-01"] }],
    state: ({ store }) => store,
    routes: [
      {
        path: "{group}/providers/Local.Test/things/{name}",
        PUT: async (store, { path, parameters }) => {
          const name = parameters.name!;
          if (name === "slow") {
            begun.resolve();
            await gate.promise;
          }
          written.push(name);
          await store.put({ id: path, name, type: "Local.Test/things", properties: {} });
          return { status: 200, body: {} };
        },
      },
    ],
    remove: (store, { id }) => store.delete(id),
    start: async () => undefined,
    stop: async () => undefined,
  });
  return { provider, begun: begun.promise, open: () => gate.resolve(), written };
}

it("a write whose turn comes while its group is being deleted is refused, and leaves nothing behind", async () => {
  const { provider, begun, open, written } = slowProvider();
  local = await startLocalAzure({ providers: [provider] });
  await local.arm("PUT", rg, { location: "westeurope" });
  const slow = local.arm("PUT", thing("slow"), {});
  await begun;
  const late = local.arm("PUT", thing("late"), {});
  // It has come when another request, sent after it, is answered.
  await local.arm("GET", rg);
  const deletion = await local.arm("DELETE", rg);
  open();
  expect((await slow).status).toBe(200);
  const refused = await late;
  // As its turn comes before the end of the deletion or after it.
  expect(["ResourceGroupBeingDeleted", "ResourceGroupNotFound"]).toContain(refused.json.error?.code);
  expect((await finished(local, deletion)).status).toBe(200);
  expect(written).toEqual(["slow"]);
  expect((await local.arm("GET", rg)).status).toBe(404);
});
