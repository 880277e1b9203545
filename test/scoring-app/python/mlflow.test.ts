import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { runToEnd } from "../process.ts";
import { mlflowPython, modelsFolder, plainPython, startWithModel } from "./mlflow-servers.ts";
import type { Server } from "./servers.ts";

const post = (server: Server, path: string, body: unknown, type = "application/json") =>
  fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": type },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const jsonOf = async (response: Response) => JSON.parse(await response.text());
const startInTest = async (...args: Parameters<typeof startWithModel>) => {
  const server = await startWithModel(...args);
  onTestFinished(() => server.stop());
  return server;
};
const exampleOf = (model: string) =>
  JSON.parse(readFileSync(join(modelsFolder(), model, "serving_input_example.json"), "utf8"));

describe("/score of an MLflow model", () => {
  let server: Server;
  beforeAll(async () => {
    server = await startWithModel("ridge", plainPython());
  });
  afterAll(() => server.stop());
  const { columns, data } = exampleOf("ridge").dataframe_split;
  const records = data.map((row: number[]) =>
    Object.fromEntries(columns.map((name: string, column: number) => [name, row[column]])),
  );

  it.each([
    ["input_data", { input_data: { columns, index: [0, 1, 2], data } }],
    ["input_data without an index", { input_data: { columns, data } }],
    ["input_data of rows", { input_data: data }],
    ["input_data of records", { input_data: records }],
    ["dataframe_split", { dataframe_split: { columns, data } }],
    ["dataframe_records", { dataframe_records: records }],
    ["instances", { instances: records }],
    ["inputs", { inputs: records }],
  ])("answers %s with a bare array, as /invocations has it in an object", async (_, body) => {
    const response = await post(server, "/score", body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-ms-run-function-failed")).toBe("False");
    const predictions = await jsonOf(await post(server, "/invocations", exampleOf("ridge")));
    expect(predictions).toEqual({ predictions: await jsonOf(response) });
  });

  it("answers CSV, and a query", async () => {
    const text = [columns, ...data].map((cells) => `${cells.join(",")}\n`).join("");
    const expected = await jsonOf(await post(server, "/score", { input_data: data }));
    expect(await jsonOf(await post(server, "/score", text, "text/csv"))).toEqual(expected);
    const query = new URLSearchParams({ input_data: JSON.stringify({ columns, data }) });
    expect(await jsonOf(await fetch(`${server.url}/score?${query}`))).toEqual(expected);
  });

  it("refuses what does not fit the signature with 400 and a message", async () => {
    const refused = await post(server, "/score", { input_data: { columns: columns.slice(1), data: [] } });
    expect(refused.status).toBe(400);
    expect(await jsonOf(refused)).toEqual({ message: "Model is missing inputs ['age']." });
    const wrong = await post(server, "/score", { input_data: [data[0].with(2, "x")] });
    expect(wrong.status).toBe(400);
    expect((await jsonOf(wrong)).message).toContain("Failed to convert column bmi to type 'float64'");
    const none = await post(server, "/score", { data });
    expect((await jsonOf(none)).message).toContain("exactly one of the input fields");
    expect((await post(server, "/score", "<a/>", "application/xml")).status).toBe(415);
  });

  it("does not take Azure ML's form at /invocations, as MLflow's server", async () => {
    expect((await post(server, "/invocations", { input_data: data })).status).toBe(400);
  });

  it("shows its input_example, and its signature as schemas", async () => {
    const { paths } = await jsonOf(await fetch(`${server.url}/swagger.json?version=3`));
    const content = (path: string) => paths[path].post.requestBody.content["application/json"];
    expect(content("/score").example).toEqual({ input_data: { columns, data } });
    expect(content("/invocations").example).toEqual({ dataframe_split: { columns, data } });
    const forms = content("/score").schema.anyOf.map(({ properties }: { properties: object }) => properties);
    expect(forms.flatMap(Object.keys)).toEqual([
      ...["input_data", "dataframe_split", "dataframe_records", "instances", "inputs"],
    ]);
    expect(forms[2].dataframe_records.items).toMatchObject({
      required: columns,
      properties: { age: { type: "number", format: "double" } },
    });
    const answer = (path: string) => paths[path].post.responses["200"].content["application/json"].schema;
    expect(answer("/score")).toEqual({ type: "array", items: { type: "number" } });
    expect(answer("/invocations").properties.predictions).toEqual(answer("/score"));
  });
});

describe("requests that wait together", () => {
  const x = (value: number) => ({ instances: [{ x: value }] });
  /** The first keeps the process busy for a tenth of a second, in which the others arrive. */
  async function together(server: Server, bodies: unknown[]) {
    const responses = await Promise.all(bodies.map((body) => post(server, "/score", body)));
    return Promise.all(responses.map(async (response) => [response.status, await jsonOf(response)] as const));
  }
  const many = Array.from({ length: 12 }, (_, at) => x(at));

  it("are predicted together", async () => {
    const server = await startInTest("crowd", mlflowPython(), { GATHER: "always", MAX_QUEUE_MS: "60000" });
    const answers = await together(server, many);
    expect(answers.map(([status]) => status)).toEqual(many.map(() => 200));
    expect(Math.max(...answers.map(([, [rows]]) => rows))).toBeGreaterThan(4);
  });

  it("get their own answers: a fault of one is not its neighbours'", async () => {
    const server = await startInTest("crowd", mlflowPython(), { GATHER: "always", MAX_QUEUE_MS: "60000" });
    const bodies = [...many, x(-1), { instances: [{ y: 1 }] }, { instances: [{ x: "a" }] }, ...many];
    const answers = await together(server, bodies);
    const refused = bodies.map((_, at) => (at >= many.length && at < many.length + 3 ? 400 : 200));
    expect(answers.map(([status]) => status)).toEqual(refused);
    expect(answers[many.length]![1].message).toContain("unexpected error while evaluating the model");
    expect(server.output).toContain("below zero");
  });

  it("are predicted alone with GATHER=never", async () => {
    const server = await startInTest("crowd", mlflowPython(), { GATHER: "never", MAX_QUEUE_MS: "60000" });
    expect(await together(server, many)).toEqual(many.map(() => [200, [1]]));
    expect(server.output).toContain('"reason":"GATHER=never"');
  });

  it.each([["crowd"], ["centred"]])(
    "are predicted alone where the trial shows that rows of %s do not keep apart",
    async (model) => {
      const server = await startInTest(model, mlflowPython(), { MAX_QUEUE_MS: "60000" });
      expect(server.output).toContain("rows together get other predictions than each alone");
      const alone = model === "crowd" ? 1 : 0;
      expect(await together(server, many)).toEqual(many.map(() => [200, [alone]]));
    },
  );

  it.each([["ridge"], ["probabilities"], ["people"], ["array"], ["xgboost"], ["lightgbm-booster"]])(
    "get the answers that each gets alone from %s",
    async (model) => {
      // A slow machine is no fault.
      const server = await startInTest(model, plainPython(), { MAX_QUEUE_MS: "60000" });
      expect(server.output).not.toContain("predicted alone");
      const example = exampleOf(model);
      const rows: unknown[][] = example.inputs ?? example.dataframe_split.data;
      const numbers = Array.from({ length: 40 }, (_, at) =>
        rows[at % 3]!.map((cell) =>
          typeof cell === "number" && !Number.isInteger(cell) ? cell * (1 + at / 50) : cell,
        ),
      );
      const columns = example.dataframe_split?.columns;
      const bodies = numbers.map((row) =>
        columns ? { dataframe_split: { columns, data: [row] } } : { inputs: [row] },
      );
      const alone: unknown[] = [];
      for (const body of bodies) alone.push((await jsonOf(await post(server, "/score", body)))[0]);
      const answers = await together(server, bodies);
      expect(answers.map(([status]) => status)).toEqual(bodies.map(() => 200));
      const shared = answers.map(([, [answer]]) => answer);
      // Products of a matrix are added up in another order, the more rows it has.
      const rounded = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(rounded)
          : typeof value === "number"
            ? Number(value.toPrecision(12))
            : value;
      expect(shared.map(rounded)).toEqual(alone.map(rounded));
    },
  );
});

it("random bodies are read and checked as by mlflow", () => {
  const worker = fileURLToPath(new URL("../../../scoring-app/python", import.meta.url));
  const script = fileURLToPath(new URL("mlflow_property.py", import.meta.url));
  const output = execFileSync(mlflowPython(), ["-B", script, worker, "2000"], { encoding: "utf8" });
  const { plain, faults } = JSON.parse(output);
  expect(plain).toBeGreaterThan(200);
  expect(faults).toBeGreaterThan(200);
});

describe("a model folder", () => {
  /** A copy of a model whose MLmodel is another. */
  function changed(change: (text: string) => string, model = "ridge"): string {
    const folder = mkdtempSync(join(tmpdir(), "mlflow-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(modelsFolder(), model), folder, { recursive: true });
    writeFileSync(join(folder, "MLmodel"), change(readFileSync(join(folder, "MLmodel"), "utf8")));
    return folder;
  }
  const failure = async (env: Record<string, string>) => {
    const { code, output } = await runToEnd(env);
    expect(code).toBe(1);
    return JSON.parse(output.trim().split("\n").at(-1)!).message as string;
  };

  it("without MLmodel, or with flavors that are not served, is told by name", async () => {
    expect(await failure({ MLFLOW_MODEL: "/nowhere" })).toMatch(
      /MLFLOW_MODEL=\/nowhere: MLmodel cannot be read .*save_model/,
    );
    const keras = changed(() => "flavors:\n  keras: {}\n");
    expect(await failure({ MLFLOW_MODEL: keras })).toContain(
      "has the flavors keras; served are sklearn, xgboost, lightgbm and python_function",
    );
    expect(await failure({ MLFLOW_MODEL: changed(() => "a: [") })).toContain("is not YAML");
  });

  it("and an entry script cannot both be served", async () => {
    expect(await failure({ MLFLOW_MODEL: "/nowhere", AZUREML_ENTRY_SCRIPT: "score.py" })).toContain(
      "AZUREML_ENTRY_SCRIPT and MLFLOW_MODEL: expected one of them",
    );
  });

  it("whose packages are missing is told by name", async () => {
    const env = { MLFLOW_MODEL: join(modelsFolder(), "doubled"), PYTHON: plainPython() };
    expect(await failure(env)).toMatch(/No module named 'mlflow'.*requirements\.txt/);
  });

  it("with an input_example that it does not score does not start", async () => {
    const folder = changed((text) => text);
    const path = join(folder, "serving_input_example.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"age"', '"Age"'));
    expect(await failure({ MLFLOW_MODEL: folder, PYTHON: plainPython() })).toMatch(
      /the model does not score its input_example: it answers 400, .*missing inputs \['age'\]/,
    );
  });

  it("without an input_example, or of an older MLflow, is served", async () => {
    const none = changed((text) => text.replace(/^saved_input_example_info:\n( .*\n)+/m, ""));
    const server = await startInTest(none, plainPython());
    expect((await post(server, "/score", { input_data: exampleOf("ridge").dataframe_split })).status).toBe(
      200,
    );
    // Before version 2.14 there was input_example.json alone.
    const older = changed((text) => text.replace("  serving_input_path: serving_input_example.json\n", ""));
    const other = await startInTest(older, plainPython());
    const { paths } = await jsonOf(await fetch(`${other.url}/swagger.json?version=3`));
    expect(paths["/score"].post.requestBody.content["application/json"].example).toEqual({
      input_data: exampleOf("ridge").dataframe_split,
    });
  });

  it("made by the example is served", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mlflow-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const train = fileURLToPath(new URL("../../../examples/mlflow/train.py", import.meta.url));
    execFileSync(mlflowPython(), [train, join(folder, "model")], {
      stdio: ["ignore", "ignore", "inherit"],
      cwd: folder,
    });
    const server = await startInTest(join(folder, "model"), plainPython());
    const { paths } = await jsonOf(await fetch(`${server.url}/swagger.json?version=3`));
    const { example } = paths["/score"].post.requestBody.content["application/json"];
    expect(await jsonOf(await post(server, "/score", example))).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
  });
});
