import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { stagedBuild } from "../../../components/image/build.ts";
import { contentsOf } from "../../../components/image/model/contents.ts";
import { readEnvironment } from "../../../components/image/python/environment.ts";
import { startProcess } from "../process.ts";
import { plainPython } from "./mlflow-servers.ts";
import { azurePython } from "./servers.ts";

/** Folders as public repositories have them, of ten shapes: each is served from its staged build, unchanged. */
interface Shape {
  shape: string;
  folder: string;
  given?: { entryScript?: string; modelFolder?: string };
  /** What is installed, on which Python. */
  environment: { python: string; requirements: string[] };
  /** An interpreter that has what the folder imports; decorators need inference-schema. */
  interpreter?: () => string;
  requests: Exchange[];
}

interface Exchange {
  path?: string;
  init?: RequestInit;
  /** Sent as JSON. */
  json?: unknown;
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

const PERSON = [0.038, 0.051, 0.062, 0.022, -0.044, -0.035, -0.043, -0.003, 0.02, -0.018];
const SETOSA = [5.1, 3.5, 1.4, 0.2];
const VIRGINICA = [6.3, 3.3, 6.0, 2.5];
const WINE = [14.2, 1.71, 2.43, 15.6, 127, 2.8, 3.06, 0.28, 2.29, 5.64, 1.04, 3.92, 1065];
const about = (value: number) => expect.closeTo(value, 3);

/** The first of scikit-learn's digits, a nought, as an image. */
const rows = ["005D9100", "00DFAF50", "03F20B80", "04C00880", "05800980", "04B01C70", "02E5AC00", "006DA000"];
const pixels = rows.flatMap((row) => [...row].map((digit) => Number.parseInt(digit, 16)));
const image = new Blob(["P5\n8 8\n16\n", Uint8Array.from(pixels)]);
const form = new FormData();
form.set("image", image, "nought.pgm");

const SHAPES: Shape[] = [
  {
    shape: "the body's text, and a pickle",
    folder: "raw",
    environment: {
      python: "3.11",
      requirements: ["numpy", "scikit-learn==1.9.1.*", "numpy!=1.19.3,<2.3.3", "inference-schema~=1.8.0"],
    },
    requests: [
      { json: { data: [PERSON, PERSON] }, body: [about(189.8043), about(189.8043)] },
      { json: { rows: [] }, body: "'data'" },
    ],
  },
  {
    shape: "NumpyParameterType, in a script of another name",
    folder: "numpy",
    given: { entryScript: "scoring.py" },
    environment: {
      python: "3.11",
      requirements: [
        "inference-schema[numpy-support]",
        "numpy==1.23.5",
        "inference-schema[numpy-support]~=1.7.0",
      ],
    },
    interpreter: azurePython,
    requests: [{ json: { data: [PERSON] }, body: [about(189.8043)] }],
  },
  {
    shape: "StandardPythonParameterType, with a second parameter",
    folder: "standard",
    environment: { python: "3.8", requirements: ["inference-schema>=1.1.0"] },
    interpreter: azurePython,
    requests: [
      {
        json: {
          flower: { sepal_length: 6.1, sepal_width: 2.8, petal_length: 4.7, petal_width: 1.2 },
          top: 2,
        },
        body: {
          species: "versicolor",
          candidates: [
            { species: "versicolor", distance: 0.487 },
            { species: "virginica", distance: 1.295 },
          ],
        },
      },
    ],
  },
  {
    shape: "PandasParameterType, as generated scripts have it",
    folder: "pandas",
    environment: {
      python: "3.8",
      requirements: [
        "setuptools==65.6.3",
        "wheel==0.38.4",
        "inference-schema==1.5.1",
        "numpy==1.23.5",
        "pandas==1.5.3",
        "python-dateutil==2.8.2",
        "pytz==2023.3",
        "six==1.16.0",
      ],
    },
    interpreter: azurePython,
    requests: [
      {
        json: {
          data: [
            { drink: "wine", amount: 2, price: 4.5, member: true, bought: "2021-03-01" },
            { drink: "beer", amount: 4, price: 2.0, member: false, bought: "2021-03-06" },
          ],
        },
        body: '{"result": [15.75, 11.0]}',
      },
    ],
  },
  {
    shape: "rawhttp: a file of a form, bytes, a query, another method",
    folder: "rawhttp",
    environment: {
      python: "3.11",
      requirements: ["numpy==2.*", "joblib", "scikit-learn==1.9.*", "inference-schema~=1.8.0"],
    },
    requests: [
      {
        init: { method: "POST", body: form },
        headers: {
          "access-control-allow-origin": "http://www.example.com",
          "content-type": "application/json",
        },
        body: { digit: 0 },
      },
      {
        init: { method: "POST", body: image, headers: { "content-type": "application/octet-stream" } },
        body: { digit: 0 },
      },
      { path: "/score?ping=1", init: { method: "GET" }, body: "/score?ping=1" },
      { init: { method: "OPTIONS" }, headers: { allow: "OPTIONS, GET, POST" }, body: "" },
    ],
  },
  {
    shape: "own modules beside a script in a folder of its own, the environment and the model in others",
    folder: "own-modules",
    given: { entryScript: "onlinescoring/score.py" },
    environment: {
      python: "3.11",
      requirements: ["numpy>=1.24", "scikit-learn==1.9.1.*", "inference-schema~=1.8.0"],
    },
    requests: [{ json: { data: [{ age: 0.038, bmi: 0.062 }] }, body: [about(184.039)] }],
  },
  {
    shape: "several models, by name and version",
    folder: "several-models",
    given: { modelFolder: "azureml-models" },
    environment: {
      python: "3.11",
      requirements: [
        "azureml-core==1.57.0",
        "joblib",
        "scikit-learn==1.9.1",
        "inference-schema~=1.7.0",
        "setuptools<81",
      ],
    },
    requests: [
      {
        json: { data: { "diabetes-ridge": [PERSON], "wine-classifier": [WINE] } },
        body: { "diabetes-ridge": [about(189.8043)], "wine-classifier": [0] },
      },
      {
        json: { model: "wine-classifier", data: { "wine-classifier": [WINE] } },
        body: { "wine-classifier": [0] },
      },
    ],
  },
  {
    shape: "JSON text returned: a text in the answer's JSON",
    folder: "json-text",
    environment: {
      python: "3.11",
      requirements: ["joblib>=1.2", "pandas~=3.1", "scikit-learn==1.9.1", "inference-schema~=1.8.0"],
    },
    requests: [
      { json: [SETOSA, VIRGINICA], body: '{"result": ["setosa", "virginica"]}' },
      { json: [[1]], body: expect.stringMatching(/^\{"error": "X has 1 features/) },
    ],
  },
  {
    shape: "Model.get_model_path and a collector of data, without their packages",
    folder: "get-model-path",
    given: { entryScript: "main.py", modelFolder: "outputs" },
    environment: {
      python: "3.11",
      requirements: ["scikit-learn==1.9.1", "numpy!=1.19.3,<2.3.3", "inference-schema~=1.8.0"],
    },
    requests: [{ json: { data: [WINE] }, body: { cultivar: [0] } }],
  },
  {
    shape: "headers: read by run(), and set in its answer",
    folder: "headers",
    given: { modelFolder: "model" },
    environment: {
      python: "3.11",
      requirements: [
        "--index-url https://pypi.org/simple",
        "joblib",
        "scikit-learn>=1.9,<2",
        "inference-schema~=1.8.0",
      ],
    },
    requests: [
      {
        json: { data: [SETOSA, VIRGINICA] },
        init: { headers: { "x-tenant": "a", "accept-language": "de-DE", "x-ms-client-request-id": "r-1" } },
        headers: { "content-language": "de", "x-ms-client-request-id": "r-1" },
        body: { tenant: "a", species: ["Borsten", "Virginia"] },
      },
      { json: { data: [] }, status: 403, headers: { allow: "POST" }, body: { error: "X-Tenant is missing" } },
    ],
  },
];

it.each(SHAPES)("a folder of another repository works unchanged: $shape", async (shape) => {
  const { folder, given = {}, environment, interpreter = plainPython, requests } = shape;
  const model = `test/scoring-app/python/folders/${folder}`;
  const { entryScript = "score.py" } = given;
  const contents = contentsOf(model, given.entryScript);
  expect(contents).toMatchObject({ kind: "python", entryScript });
  expect(readEnvironment(contents)).toMatchObject(environment);

  const context = await mkdtemp(join(tmpdir(), "folder-"));
  onTestFinished(() => rm(context, { recursive: true }));
  const { args } = stagedBuild(context, { model, ...given });
  const cwd = join(context, "model");
  // As scoring-app/python/Dockerfile sets them.
  const settings = {
    AML_APP_ROOT: cwd,
    AZUREML_ENTRY_SCRIPT: join(cwd, args.ENTRY_SCRIPT!),
    AZUREML_MODEL_DIR: join(cwd, args.MODEL_FOLDER ?? ""),
  };
  const python = { PYTHON: interpreter(), PYTHONDONTWRITEBYTECODE: "1" };
  const app = await startProcess({ ...settings, ...python }, 1, { cwd });
  onTestFinished(async () => void (await app.end()));
  for (const { path = "/score", init, json, status = 200, headers = {}, body } of requests) {
    const response = await fetch(`${app.url}${path}`, json === undefined ? init : posted(json, init));
    const text = await response.text();
    expect([response.status, parsed(text)]).toEqual([status, body]);
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
  }
});

const posted = (json: unknown, init: RequestInit = {}): RequestInit => ({
  method: "POST",
  body: JSON.stringify(json),
  headers: { "content-type": "application/json", ...init.headers },
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
