import { afterAll, beforeAll, expect, it } from "vitest";
import {
  apiVersion,
  type LocalAzure,
  send,
  startLocalAzure,
  statusAfterBody,
  subscription,
} from "../local-azure.ts";

let local: LocalAzure;
beforeAll(async () => {
  local = await startLocalAzure();
  await local.arm("PUT", `${subscription}/resourceGroups/rg`, { location: "westeurope" });
});
afterAll(() => local.dispose());

it("finds what a body says in whatever case, and leaves names that somebody gave as they are", async () => {
  const group = `${subscription}/resourceGroups/pascal`;
  const answer = await local.arm("PUT", group, {
    Location: "westeurope",
    TAGS: { Team: "ml", location: "x" },
  });
  expect([answer.status, answer.json.tags]).toEqual([201, { Team: "ml", location: "x" }]);
});

const putText = async (
  body: string,
  type: Record<string, string> = { "content-type": "application/json" },
) => {
  const url = `${local.azure.access.resourceManager}${subscription}/resourceGroups/rg?api-version=${apiVersion}`;
  const headers = { authorization: `Bearer ${await local.token()}`, ...type };
  return send(url, { method: "PUT", headers, ca: local.ca, body });
};

it("refuses a body that is nested without end", async () => {
  const body = `{"location":"westeurope","tags":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
  const answer = await putText(body);
  expect(answer.json.error).toMatchObject({
    code: "InvalidRequestContent",
    message: expect.stringContaining("nested deeper than 64 levels"),
  });
});

it("refuses a body that is not JSON", async () => {
  const answer = await putText('{"location":');
  expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidRequestContent"]);
});

it.each([
  ["<null>", {}],
  ["application/x-www-form-urlencoded", { "content-type": "application/x-www-form-urlencoded" }],
  ["text/plain", { "content-type": "text/plain; charset=utf-8" }],
])("refuses a body of the type %s, JSON or not", async (shown, type) => {
  const answer = await putText('{"location":"westeurope"}', type);
  expect([answer.status, answer.json.error]).toEqual([
    415,
    {
      code: "UnsupportedMediaType",
      message: `The content media type '${shown}' is not supported. Only 'application/json' is supported.`,
    },
  ]);
});

it.each(["Application/JSON; charset=utf-8", "application/merge-patch+json"])("takes %s", async (type) => {
  expect((await putText('{"location":"westeurope"}', { "content-type": type })).status).toBeLessThan(300);
});

it("refuses a write without a body", async () => {
  const answer = await local.arm("PUT", `${subscription}/resourceGroups/rg`);
  expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidRequestContent"]);
});

it("refuses a body beyond 4 MB", async () => {
  const answer = await local.arm("PUT", `${subscription}/resourceGroups/rg`, { x: "y".repeat(4 << 20) });
  expect([answer.status, answer.json.error.code]).toEqual([413, "RequestContentTooLarge"]);
});

it.each([
  [401, ""],
  [413, "the token"],
])("answers %i when the client has sent a body that is in vain, with %j", async (status, credentials) => {
  const url = `${local.azure.access.resourceManager}${subscription}/resourceGroups/rg?api-version=${apiVersion}`;
  const head = credentials && `Authorization: Bearer ${await local.token()}\r\n`;
  expect(await statusAfterBody(url, "PUT", head, local.ca)).toBe(status);
});

it.each(["If-Match", "If-None-Match", "If-Unmodified-Since"])("refuses a write under %s", async (name) => {
  const answer = await putText('{"location":"westeurope"}', {
    "content-type": "application/json",
    [name]: "*",
  });
  expect([answer.status, answer.json.error.code]).toEqual([400, "NotSupported"]);
  expect(answer.json.error.message).toContain(`'${name}'`);
});

it("refuses a member that is there twice, in whatever case", async () => {
  const answer = await putText('{"location":"westeurope","Tags":{},"tags":{}}', {
    "content-type": "application/json",
  });
  expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidRequestContent"]);
});

it.each([[], "text", 1])("refuses the body %j of an action, which is no object", async (body) => {
  const path = `${subscription}/providers/Microsoft.Web/register`;
  const answer = await local.arm("POST", path, body);
  expect([answer.status, answer.json.error.code]).toEqual([400, "InvalidRequestContent"]);
});
