import { describe, expect, it } from "vitest";
import { ofDefaults, ofServer } from "../../../../components/image/python/azureml-versions.ts";
import { conda, environment } from "./folder.ts";

const read = (requirements: string[], score = "", python = "3.9") =>
  environment({ "conda.yml": conda([`python=${python}`], requirements), "score.py": score });

const lines = (...args: Parameters<typeof read>) => read(...args).requirements;

it("azureml-defaults is replaced by inference-schema, and that is said", () => {
  expect(read(["azureml-defaults==1.48.0", "numpy==1.23.5"])).toMatchObject({
    requirements: ["numpy==1.23.5", "inference-schema~=1.5.0"],
    notices: [
      "azureml-defaults==1.48.0 is left out: the scoring app is the server, and inference-schema~=1.5.0 installed instead",
    ],
  });
});

it("azureml-inference-server-http is replaced likewise, in requirements.txt and among conda's dependencies too", () => {
  expect(lines(["azureml-inference-server-http==0.8.0"])).toEqual(["inference-schema~=1.5.0"]);
  expect(environment({ "requirements.txt": "azureml_inference_server_http" }).requirements).toEqual([
    "inference-schema~=1.8.0",
  ]);
  expect(environment({ "conda.yml": conda(["python=3.9", "azureml-defaults=1.48"]) }).requirements).toEqual([
    "inference-schema~=1.5.0",
  ]);
});

// What pip would install of inference-schema, by Requires-Dist of the wheels.
it.each([
  ["azureml-defaults==1.34.0", "inference-schema==1.3.0"],
  ["azureml-defaults==1.36.0", "inference-schema==1.3.0"],
  ["azureml-defaults==1.43.0", "inference-schema==1.3.0"],
  ["azureml-defaults==1.44.0", "inference-schema~=1.5.0"],
  ["azureml-defaults~=1.47.0", "inference-schema~=1.5.0"],
  ["azureml-defaults==1.49.0", "inference-schema~=1.7.0"],
  ["azureml-defaults==1.56.0", "inference-schema~=1.7.0"],
  ["azureml-defaults==1.57.0.post1", "inference-schema~=1.7.0"],
  ["azureml-defaults==1.60.0", "inference-schema~=1.8.0"],
  ["azureml-defaults>=1.44,<1.50", "inference-schema~=1.7.0"],
  ["azureml-defaults<=1.43", "inference-schema==1.3.0"],
  ["azureml-defaults>=1.0.45", "inference-schema~=1.8.0"],
  ["azureml-defaults", "inference-schema~=1.8.0"],
  ["azureml-defaults==1.30.0", "inference-schema"],
  ["azureml-inference-server-http==0.4.13", "inference-schema==1.3.0"],
  ["azureml-inference-server-http==0.6.1", "inference-schema~=1.4.0"],
  ["azureml-inference-server-http==0.7.6", "inference-schema~=1.4.0"],
  ["azureml-inference-server-http~=0.7.0", "inference-schema~=1.5.0"],
  ["azureml-inference-server-http==0.8.4.1", "inference-schema~=1.5.0"],
  ["azureml-inference-server-http==0.8.4.2", "inference-schema~=1.7.0"],
  ["azureml-inference-server-http>=1.3", "inference-schema~=1.8.0"],
  ["azureml-inference-server-http==1.3.2", "inference-schema~=1.8.0"],
])("%s brings %s", (line, schema) => {
  expect(lines([line], "", "3.8")).toEqual([schema]);
});

it.each([
  ["azureml-defaults==1.34.0", "3.9", "inference-schema~=1.5.0"],
  ["azureml-inference-server-http==0.6.1", "3.10", "inference-schema~=1.5.0"],
  ["azureml-defaults==1.48.0", "3.10", "inference-schema~=1.5.0"],
  ["azureml-defaults==1.48.0", "3.11", "inference-schema~=1.7.0"],
  ["azureml-defaults==1.57.0", "3.11", "inference-schema~=1.7.0"],
  ["azureml-defaults==1.57.0", "3.12", "inference-schema~=1.8.0"],
  ["azureml-defaults==1.60.0", "3.13", "inference-schema~=1.8.0"],
])("%s on Python %s, which its own may not run on, brings %s", (line, python, schema) => {
  expect(lines([line], "", python)).toEqual([schema]);
});

it("what else of theirs is imported is installed at the versions that they would bring", () => {
  const score =
    "import flask\nfrom pydantic import BaseModel\nimport numpy as np, requests\nfrom opencensus.ext.azure import log_exporter\n";
  expect(lines(["azureml-defaults==1.54.0"], score)).toEqual([
    "flask<2.3.0",
    "opencensus-ext-azure~=1.1.0",
    "pydantic<1.11,>=1.9",
    "numpy!=1.19.3,<1.24",
    "requests[socks]<3.0.0,>=2.19.1",
    "inference-schema~=1.7.0",
  ]);
  expect(lines(["azureml-inference-server-http"], "import flask", "3.8")).toContain("flask<=2.3.2");
  expect(lines(["azureml-inference-server-http"], "import flask", "3.11")).toContain("flask~=3.1.0");
  expect(lines(["azureml-defaults==1.20.0"], "import pyarrow")).toContain("pyarrow<2.0.0,>=0.17.0");
  expect(lines(["azureml-defaults==1.30.0"], "import pandas, numpy")).toEqual([
    "numpy!=1.19.3",
    "pandas>=0.20.2",
    "inference-schema",
  ]);
});

it("the environment's own version takes precedence; without one, theirs holds", () => {
  const score = "import numpy";
  expect(
    lines(["azureml-defaults==1.48.0", "numpy==1.21.0", "inference-schema[numpy-support]==1.3.0"], score),
  ).toEqual(["numpy==1.21.0", "inference-schema[numpy-support]==1.3.0"]);
  expect(lines(["azureml-defaults==1.54.0", "numpy", "inference-schema[numpy-support]"], score)).toEqual([
    "numpy",
    "inference-schema[numpy-support]",
    "numpy!=1.19.3,<1.24",
    "inference-schema~=1.7.0",
  ]);
});

it("inference-schema has the extras of the types that are imported", () => {
  const score = [
    "from inference_schema.schema_decorators import input_schema",
    "from inference_schema.parameter_types.pandas_parameter_type import PandasParameterType",
    "from inference_schema.parameter_types import numpy_parameter_type",
  ].join("\n");
  expect(lines(["azureml-defaults"], score)).toEqual([
    "inference-schema[numpy-support,pandas-support]~=1.8.0",
  ]);
});

const SETUPTOOLS = "setuptools<81";
const TOLD = "setuptools<81 is installed, too: azureml-core needs it";

describe("azureml-core", () => {
  it.each([
    ["nothing", ""],
    [
      "a comment and a text",
      "# from azureml.core import Run\nDOC = '''\nimport azureml.core\n'''\nx = \"from azureml.core import Run\"\n",
    ],
    ["get_model_path", "from azureml.core.model import Model\npath = Model.get_model_path('m')\n"],
    [
      "get_model_path by another name",
      "from azureml.core import Model as M\npath = (M\n  .get_model_path('m'))\n",
    ],
    [
      "get_model_path by full name",
      "import azureml.core\npath = azureml.core.model.Model.get_model_path('m')\n",
    ],
    ["get_model_path by module", "from azureml.core import model\npath = model.Model.get_model_path('m')\n"],
    ["an import without use", "from azureml.core.model import (\n  Model,\n)\n"],
    [
      "another Model",
      "from azureml.core.model import Model\nimport keras\nkeras.models.Model(1)\nModel.get_model_path('m')\n",
    ],
    [
      "what the app has",
      "from azureml.contrib.services.aml_request import rawhttp\nfrom azureml.monitoring import ModelDataCollector\n",
    ],
  ])("is not installed for %s", (_, score) => {
    expect(lines(["azureml-core==1.48.0"], score)).toEqual([]);
    expect(lines(["azureml-defaults==1.48.0"], score)).toEqual(["inference-schema~=1.5.0"]);
  });

  it.each([
    ["Workspace", "from azureml.core import Workspace\n"],
    ["Run beside Model", "from azureml.core import Model, Run\n"],
    ["Model's other methods", "from azureml.core.model import Model\nModel(ws, 'm').download()\n"],
    ["Model passed on", "from azureml.core.model import Model\nload(Model)\n"],
    ["its version", "import azureml.core\nprint(azureml.core.VERSION)\n"],
    ["a part by full name", "import azureml.core.model\nws = azureml.core.Workspace.from_config()\n"],
    ["all of it", "from azureml.core import *\n"],
    ["azureml.exceptions", "from azureml.exceptions import ServiceException\n"],
    [
      "an import in a function",
      "def run(data):\n    try: from azureml.core.run import Run\n    except ImportError: pass\n",
    ],
  ])("is installed for %s, and that is said", (_, score) => {
    expect(lines(["azureml-core==1.48.0"], score)).toEqual(["azureml-core==1.48.0", SETUPTOOLS]);
    expect(read(["azureml-defaults==1.48.0.post1"], score)).toMatchObject({
      requirements: ["azureml-core~=1.48.0", "inference-schema~=1.5.0", SETUPTOOLS],
      notices: [
        expect.stringContaining(
          "azureml-core~=1.48.0, inference-schema~=1.5.0 installed instead (score.py uses azureml-core)",
        ),
        TOLD,
      ],
    });
  });

  it("has the setuptools that it imports, of the environment's own version where that says one", () => {
    const own = ["azureml-core==1.48.0", "setuptools==65.5.0"];
    expect(read(own, "from azureml.core import Run")).toMatchObject({ requirements: own, notices: [] });
  });

  it("is left out with a sentence where it is listed and not needed", () => {
    expect(read(["azureml-core"]).notices).toEqual([
      "azureml-core is left out: the modules import no more of it than Model.get_model_path, which is there",
    ]);
  });

  it("is looked for in all of the folder's modules", () => {
    const files = {
      "conda.yml": conda(["python=3.9"], ["azureml-defaults==1.48.0"]),
      "score.py": "import own",
    };
    const own = "from azureml.core import Run";
    expect(environment({ ...files, "own/data/runs.py": own }).requirements).toContain("azureml-core~=1.48.0");
    expect(environment({ ...files, ".venv/x.py": own, "notes.txt": own }).requirements).toEqual([
      "inference-schema~=1.5.0",
    ]);
  });
});

it("azureml-sdk is azureml-core, as far as that is needed; its other packages keep it", () => {
  expect(lines(["azureml-sdk==1.48.0"], "from azureml.core.model import Model")).toEqual([]);
  expect(lines(["azureml-sdk==1.48.0"], "from azureml.core import Run")).toEqual([
    "azureml-core~=1.48.0",
    SETUPTOOLS,
  ]);
  expect(lines(["azureml-sdk==1.48.0"], "import azureml.train.automl")).toEqual([
    "azureml-sdk==1.48.0",
    SETUPTOOLS,
  ]);
});

it("what reads data sets is installed only where that is imported", () => {
  const all = [
    "azureml-dataprep==4.8.0",
    "azureml-dataprep-rslex==2.15.1",
    "azureml-dataset-runtime==1.48.0",
  ];
  expect(read(all)).toMatchObject({
    requirements: [],
    notices: all.map((line) => `${line} is left out: no module imports it`),
  });
  const score = "from azureml.core import Dataset";
  expect(lines(all, score)).toEqual([...all, SETUPTOOLS]);
  expect(lines(["azureml-defaults==1.48.0"], score)).toEqual([
    "azureml-core~=1.48.0",
    "azureml-dataset-runtime[fuse]~=1.48.0",
    "inference-schema~=1.5.0",
    SETUPTOOLS,
  ]);
});

it("lines with hashes stay as they are", () => {
  const hashed = "azureml-defaults==1.48.0 --hash=sha256:01";
  expect(lines([hashed])).toEqual([hashed]);
});

it("packages that the scoring app stands in for are left out, others of Azure ML are not", () => {
  expect(
    read([
      "azureml-contrib-services",
      "azureml-monitoring",
      "azureml-ai-monitoring",
      "azureml-automl-runtime==1.48.0",
    ]),
  ).toMatchObject({
    requirements: ["azureml-automl-runtime==1.48.0", SETUPTOOLS],
    notices: [
      ...["azureml-contrib-services", "azureml-monitoring", "azureml-ai-monitoring"].map(
        (name) => `${name} is left out: the scoring app stands in for it`,
      ),
      TOLD,
    ],
  });
});

it("every row is of pip's form, and newer ones need no older Python", () => {
  for (const line of [...ofServer("", "3.14"), ...ofDefaults("", "3.8"), ...ofDefaults("==1.0.85", "3.8")])
    expect(line).toMatch(/^[\w-]+(\[\w+\])?([<>=!~]=?[\d.*]+,?)*$/i);
  expect(ofServer("", "3.8")).toContain("pydantic~=2.9.0");
  expect(ofServer("==9.9.9", "3.9")).toEqual(ofServer("", "3.9"));
});

it("a version without end is read soon, too", () => {
  const line = `azureml-defaults${"=".repeat(100_000)}*`;
  expect(environment({ "score.py": "", "requirements.txt": line }).requirements).toHaveLength(1);
});
