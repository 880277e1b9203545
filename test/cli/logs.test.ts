import { expect, test, vi } from "vitest";
import type { Invocation } from "../../local/cli/invocation.ts";
import { logs } from "../../local/cli/logs.ts";

const answer = vi.hoisted(() => ({ status: 200, body: "" }));
vi.mock("../../local/arm-client/arm-client.ts", () => ({
  connect: () => ({
    arm: {
      send: async () => answer,
      get: async () => ({ properties: { hostNameSslStates: [{ name: "scm", hostType: "Repository" }] } }),
    },
    identity: { token: async () => "token" },
  }),
}));
vi.mock("../../local/process/background.ts", () => ({ runningBackground: async () => ({}) }));
vi.mock("../../local/stack/records.ts", () => ({ recordedSite: async () => "/sites/app" }));
vi.mock("../../local/cli/with-session.ts", () => ({
  withSession: (_: string, __: Invocation, work: (session: object) => Promise<void>) =>
    work({ azure: { caFile: import.meta.filename } }),
}));

const invocation = { stack: "dev", follow: false } as Invocation;

test("the log is printed as it is; an app that has written nothing has an empty one", async () => {
  const printed = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  Object.assign(answer, { status: 200, body: "a line\n" });
  await logs(invocation);
  Object.assign(answer, { status: 204, body: "" });
  await logs(invocation);
  const texts = printed.mock.calls.map(([text]) => text);
  printed.mockRestore();
  expect(texts).toEqual(["a line\n", ""]);
});

test("why there is no log is said in the resource manager's words", async () => {
  Object.assign(answer, { status: 404, body: '{"error":{"code":"ResourceNotFound","message":"Gone."}}' });
  await expect(logs(invocation)).rejects.toThrow('Status=404 Code="ResourceNotFound" Message="Gone."');
});

test("a stream that breaks off, as where local Azure is stopped, is told in one sentence", async () => {
  const cut = Object.assign(new TypeError("terminated"), { cause: new Error("other side closed") });
  const body = new ReadableStream({ start: (controller) => controller.error(cut) });
  vi.stubGlobal("fetch", async () => new Response(body));
  const failure = await logs({ ...invocation, follow: true }).catch((error: unknown) => error);
  vi.unstubAllGlobals();
  expect(failure).not.toBeInstanceOf(TypeError);
  expect(String(failure)).toBe(
    "Error: The log stream broke off (other side closed): `npm run local -- status` says what runs.",
  );
});
