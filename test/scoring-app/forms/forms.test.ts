import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Form } from "../../../scoring-app/src/forms/form.ts";
import { forms } from "../../../scoring-app/src/forms/forms.ts";
import { NumberTable } from "../../../scoring-app/src/forms/number-table.ts";
import { golden, type Json, startApp, type TestApp } from "../app.ts";

/** What a new file in forms/ would hold. */
const instances: Form = {
  contentType: "application/json",
  names: ['{"instances": [[…]]}'],
  matches: (body) => typeof body === "object" && body !== null && "instances" in body,
  read: (_, body) => ({ rows: (body as { instances: unknown[] }).instances, method: "predict" }),
  schema: ({ width }) => ({ type: "object", required: ["instances"], maxProperties: width }),
  example: ({ sample }) => ({ instances: [sample] }),
  answer: {
    wrap: (predictions) => ({ predictions }),
    schema: () => ({ type: "object", required: ["predictions"] }),
  },
};
const spaces: Form = {
  contentType: "text/spaces",
  names: ["text/spaces with a row a line"],
  parse: (text) => new Set(text.trim().split("\n")),
  matches: (body) => body instanceof Set,
  read: (_, body) => ({
    rows: [...(body as Set<string>)].map((line) => line.split(" ").map(Number)),
    method: "predict",
  }),
  schema: () => ({ type: "string", description: "Numbers between spaces" }),
  example: ({ sample }) => `${sample.join(" ")}\n`,
};

const text = (contentType: string, body: string) => ({
  method: "POST",
  headers: { "content-type": contentType },
  body,
});

const messageOf = async (response: Response) => ((await response.json()) as Json).message as string;

describe.each(["ridge", "labels-across", "columns"])("a model like %s", async (name) => {
  const app = await startApp({ AZUREML_MODEL_DIR: golden(name) });
  afterAll(() => app.stop());
  const [model] = app.assembled.service.models.values();

  it.each(forms.map((form) => [form.names[0], form] as const))(
    "scores the example of %s",
    async (_, form) => {
      const example = form.example(model!);
      const response =
        form.contentType === "application/json"
          ? await app.post(example)
          : await app.get("/score", text(form.contentType, example as string));
      const predictions = await (await app.post({ data: [model!.sample] })).json();
      expect(await response.json()).toEqual(
        form.answer ? form.answer.wrap(predictions as unknown[]) : predictions,
      );
    },
  );
});

it("a plain table of numbers is read without making objects of it", async () => {
  const app = await startApp();
  const { scorer } = app.assembled.service;
  const body = Buffer.from('{"data": [[1,2,3,4,5,6,7,8,9,10]]}');
  for (const type of [undefined, "application/json", "application/json; charset=utf-8"]) {
    expect(scorer.read(body, type)).toBeInstanceOf(NumberTable);
  }
  await app.stop();
});

describe("a new form is a row in the list: nothing else is told of it, and", () => {
  let app: TestApp;
  beforeAll(async () => {
    forms.push(instances, spaces);
    app = await startApp();
  });
  afterAll(async () => {
    forms.splice(forms.indexOf(instances), 2);
    await app.stop();
  });
  const row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const prediction = expect.closeTo(6783.2888, 1);

  it("/score takes it, and answers in its way", async () => {
    expect(await (await app.post({ instances: [row] })).json()).toEqual({ predictions: [prediction] });
    const lines = await app.get("/score", text("text/spaces", `${row.join(" ")}\n`));
    expect(await lines.json()).toEqual([prediction]);
  });

  it("refusals name it", async () => {
    expect(await messageOf(await app.post({}))).toMatch(
      /^expected .*, {"Inputs": {"data": …}} or {"instances": \[\[…\]\]}, given an object without any of these$/,
    );
    const refused = await app.get("/score", text("text/html", "x"));
    expect(refused.status).toBe(415);
    expect(await messageOf(refused)).toBe(
      "Content-Type text/html: send application/json, text/csv or text/spaces",
    );
  });

  it("OpenAPI 3 has its schema, its example and its answer", async () => {
    const document = (await (await app.get("/swagger.json?version=3")).json()) as Json;
    const { requestBody, responses } = document.paths["/score"].post;
    const example = { instances: [app.assembled.service.models.get("diabetes")!.sample] };
    expect(requestBody.content["application/json"].schema.anyOf).toContainEqual({
      type: "object",
      required: ["instances"],
      maxProperties: 10,
      example,
    });
    expect((await app.post(example)).status).toBe(200);
    expect(responses["200"].content["application/json"].schema.anyOf).toContainEqual(
      instances.answer!.schema({}),
    );
    const lines = requestBody.content["text/spaces"];
    expect(lines.schema.description).toBe("Numbers between spaces");
    expect((await app.get("/score", text("text/spaces", lines.example))).status).toBe(200);
  });

  it("Swagger 2 names it and its content type", async () => {
    const document = (await (await app.get("/swagger.json")).json()) as Json;
    const { consumes, parameters } = document.paths["/score"].post;
    expect(consumes).toEqual(["application/json", "text/csv", "text/spaces"]);
    expect(parameters[0].description).toContain('{"instances": [[…]]} or text/spaces with a row a line');
  });
});
