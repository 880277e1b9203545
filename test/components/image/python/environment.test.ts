import { symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { folderWith } from "../scratch.ts";
import { conda, environment, environmentOf, faults } from "./folder.ts";

it.each(["conda.yml", "conda.yaml", "conda_dependencies.yml", "environment.yml", "environment.yaml"])(
  "%s is a conda file",
  (file) => {
    expect(environment({ [file]: conda(["python=3.9", "numpy=1.24"]) })).toEqual({
      python: "3.9",
      pythonIsAsked: true,
      requirements: ["numpy==1.24.*"],
      files: [],
      notices: [],
    });
  },
);

it("requirements.txt is taken as it is, without comments", () => {
  const text =
    "# what score.py needs\nnumpy==1.24.1  # as trained\n\nrequests[socks] >=2 ; python_version > '3.8'\n";
  expect(environment({ "requirements.txt": text })).toEqual({
    python: "3.11",
    pythonIsAsked: false,
    requirements: ["numpy==1.24.1", "requests[socks] >=2 ; python_version > '3.8'"],
    files: [],
    notices: [],
  });
});

it("no environment is one sentence that says what to write", () => {
  expect(faults({ "score.py": "" })).toEqual([
    "no environment: write requirements.txt or conda.yml there, with the packages that the entry script imports",
  ]);
});

it("automated ML's conda file is known; one of another name is to be renamed", () => {
  const text = conda(["python=3.9", "numpy==1.23.5"]);
  expect(environment({ "scoring_file_v_1_0_0.py": "", "conda_env_v_1_0_0.yml": text })).toMatchObject({
    python: "3.9",
    requirements: ["numpy==1.23.5"],
  });
  const other = { "endpoint.yml": "name: x", "broken.yml": "a: [", "env.yaml": text };
  expect(faults({ "score.py": "", ...other })).toEqual(["no environment: rename env.yaml to conda.yml"]);
});

it("two environments are one sentence, but not where one installs the other", () => {
  expect(faults({ "conda.yml": conda(["numpy"]), "requirements.txt": "numpy" })).toEqual([
    "conda.yml and requirements.txt each say an environment: leave one of them",
  ]);
  expect(faults({ "conda.yml": conda(["numpy"]), "environment.yml": conda(["numpy"]) })).toEqual([
    "conda.yml and environment.yml each say an environment: leave one of them",
  ]);
  const both = {
    "conda.yml": conda(["python=3.10"], ["-r requirements.txt"]),
    "requirements.txt": "numpy==1.24.1",
  };
  expect(environment(both)).toMatchObject({ python: "3.10", requirements: ["numpy==1.24.1"] });
});

it.each<[string, string, string]>([
  [
    "requirements.txt",
    "# none\n",
    "is empty: list the packages that the entry script imports; if it needs none, azureml-defaults",
  ],
  ["conda.yml", "", 'is empty: write "dependencies:" and a list below it'],
  ["conda.yml", "- numpy", 'has no keys: write "dependencies:" and a list below it'],
  [
    "conda.yml",
    "name: x",
    'has no dependencies: write "dependencies:" and a list below it, as in "- numpy=1.26"',
  ],
  [
    "conda.yml",
    "dependencies:",
    'has no dependencies: write "dependencies:" and a list below it, as in "- numpy=1.26"',
  ],
])("%s that says %j is one sentence", (file, text, fault) => {
  expect(faults({ [file]: text })).toEqual([`${file} ${fault}`]);
});

it("broken YAML is one sentence with its place", () => {
  const [fault, ...others] = faults({ "conda.yml": "dependencies:\n  - numpy\n - pandas: [\n" });
  expect(fault).toMatch(/^conda\.yml is no YAML \(line 3, column \d+: .+\): correct it there$/);
  expect(others).toEqual([]);
});

it.each([
  ["dependencies: &d\n  - *d\n", "Converting circular structure to JSON"],
  ["dependencies:\n  - *none\n", "Unresolved alias (the anchor must be set before the alias): none"],
  [
    `a: &a [x]\nb: &b [${Array(60).fill("*a")}]\nc: &c [${Array(60).fill("*b")}]\ndependencies: *c\n`,
    "Excessive alias count indicates a resource exhaustion attack",
  ],
])("aliases of YAML that cannot be resolved are one sentence: %j", (text, reason) => {
  expect(faults({ "conda.yml": text })).toEqual([
    `conda.yml is no YAML that can be read (${reason}): write its aliases (*NAME) out`,
  ]);
});

it("all faults are told at once, a line each", () => {
  const text = conda(["python=2.7", "numpy[x]", "my-own", "pandas=1|2"], ["./none.whl"]);
  expect(faults({ "conda.yml": text }).map((line) => line.slice(0, 30))).toEqual([
    'conda.yml: "numpy[x]": an [ext',
    'conda.yml: "pandas=1|2": pip h',
    'conda.yml: "./none.whl": no su',
    "conda.yml: no package of PyPI ",
    "conda.yml asks for Python 2.7.",
  ]);
});

it.each<[string, string, boolean]>([
  ["python=3.9", "3.9", true],
  ["python=3.10", "3.10", true],
  ["python==3.9.18", "3.9", true],
  ["python=3.9.7=h12debd9_1", "3.9", true],
  ["python 3.8", "3.8", true],
  ["python>=3.8,<3.11", "3.10", true],
  ["python >=3.9.7, <3.10", "3.9", true],
  ["python<=3.10", "3.10", true],
  ["python>=3.6", "3.11", true],
  ["python>3.11", "3.11", true],
  ["python>=3.12", "3.12", true],
  ["python=3", "3.11", true],
  ["python~=3.9.1", "3.9", true],
  ["python!=3.11.*", "3.10", true],
  ["conda-forge::python=3.14", "3.14", true],
  ["python", "3.11", false],
])("%s is Python %s", (dependency, python, pythonIsAsked) => {
  expect(environment({ "conda.yml": conda([dependency]) })).toMatchObject({
    python,
    pythonIsAsked,
    requirements: [],
  });
});

it.each(["python=3.7", "python=2.7", "python>=3.15", "python>=3.9,<3.9"])(
  "%s is an error that says what there is",
  (asked) => {
    expect(faults({ "conda.yml": conda([asked]) })).toEqual([
      expect.stringMatching(
        /^conda\.yml asks for Python .+: the image can have Python 3\.8 to 3\.14: ask for one of these$/,
      ),
    ]);
  },
);

it("Python is asked for by .python-version too, and a conda file's own takes precedence", () => {
  const version = { ".python-version": "3.9.16\n" };
  expect(environment({ ...version, "requirements.txt": "numpy" })).toMatchObject({
    python: "3.9",
    pythonIsAsked: true,
  });
  expect(environment({ ...version, "conda.yml": conda(["numpy"]) })).toMatchObject({
    python: "3.9",
    pythonIsAsked: true,
  });
  expect(environment({ ...version, "conda.yml": conda(["python=3.12"]) })).toMatchObject({ python: "3.12" });
  expect(faults({ ".python-version": "pypy3.9-7.3.11", "requirements.txt": "numpy" })).toEqual([
    ".python-version asks for Python pypy3.9-7.3.11: write a version as 3.11",
  ]);
});

it("requirements.lock is obeyed: nothing else is installed, or has to be known", () => {
  const lock = "numpy==1.24.1 \\\n    --hash=sha256:0123\nsix==1.16.0 --hash=sha256:4567\n";
  expect(
    environment({ "conda.yml": conda(["python=3.9", "my-own=1|2"]), "requirements.lock": lock }),
  ).toEqual({
    python: "3.9",
    pythonIsAsked: true,
    requirements: ["numpy==1.24.1      --hash=sha256:0123", "six==1.16.0 --hash=sha256:4567"],
    locked: "requirements.lock",
    files: [],
    notices: ["requirements.lock is obeyed: all packages are those that it lists, by their hashes"],
  });
  expect(environment({ "requirements.lock": lock })).toMatchObject({
    python: "3.11",
    locked: "requirements.lock",
  });
});

it("a lock's own wheels and files come along; what cannot work in an image is said as of other lines", () => {
  const lock =
    "-r more.lock\n./wheels/own-1.0-py3-none-any.whl ; python_version >= '3.8' \\\n  --hash=sha256:01\npywin32==306 --hash=sha256:02\n";
  const files = { "wheels/own-1.0-py3-none-any.whl": "", "more.lock": "six==1.16.0 --hash=sha256:03\n" };
  expect(environment({ "requirements.txt": "own", "requirements.lock": lock, ...files })).toMatchObject({
    requirements: [
      "six==1.16.0 --hash=sha256:03",
      "./wheels/own-1.0-py3-none-any.whl ; python_version >= '3.8'    --hash=sha256:01",
    ],
    files: ["wheels/own-1.0-py3-none-any.whl"],
    notices: [
      expect.stringContaining("requirements.lock is obeyed"),
      "requirements.lock: pywin32==306 --hash=sha256:02 is left out: it is of another operating system",
    ],
  });
  expect(faults({ "requirements.lock": "-e .\n./none.whl --hash=sha256:01\nsix\n" })).toEqual([
    expect.stringMatching(/^requirements\.lock: "-e \.": leave it out: /),
    expect.stringMatching(/^requirements\.lock: ".\/none\.whl --hash=sha256:01": no such file in the folder/),
    expect.stringMatching(/^requirements\.lock: six has no --hash: /),
  ]);
});

it("a requirements.lock without hashes is an error", () => {
  expect(faults({ "requirements.txt": "numpy", "requirements.lock": "numpy==1.24.1" })).toEqual([
    'requirements.lock: numpy==1.24.1 has no --hash: write it by "pip-compile --generate-hashes" or "uv pip compile --generate-hashes"',
  ]);
});

it("a link to a file outside the repository is not read; inside, one to a file or a folder is", () => {
  const shared = folderWith({ "own.whl": "", "base.txt": "six\n-f .\n" });
  const path = folderWith({ "requirements.txt": "./own.whl\n-r deps/base.txt" });
  symlinkSync(resolve(shared, "own.whl"), join(path, "own.whl"));
  symlinkSync(resolve(shared), join(path, "deps"));
  expect(environmentOf(path)).toMatchObject({
    requirements: ["./own.whl", "six", "-f deps"],
    files: ["own.whl", "deps/own.whl"],
  });
  symlinkSync("/etc/hostname", join(path, "other.whl"));
  expect(() => environmentOf(path)).toThrow("other.whl is a link to /etc/hostname, not in this repository");
});

it("a file that is left out of the image cannot be installed from", () => {
  expect(faults({ "requirements.txt": "./.venv/own.whl", ".venv/own.whl": "" })).toEqual([
    expect.stringContaining("no such file in the folder"),
  ]);
});

it("an environment in a folder of that name is read, with its lock; one in the model's own folder takes precedence", () => {
  const pip = { "environment/more.txt": "six", "environment/requirements.txt": "-r more.txt\n-c limits.txt" };
  const apart = { ...pip, "environment/limits.txt": "six<2" };
  expect(environment(apart)).toMatchObject({
    requirements: ["six", "-c environment/limits.txt"],
    files: ["environment/limits.txt"],
  });
  const lock = { "environment/requirements.lock": "six==1.16.0 --hash=sha256:4567" };
  expect(environment({ ...apart, ...lock })).toMatchObject({ locked: "environment/requirements.lock" });
  expect(environment({ ...apart, ...lock, "conda.yml": conda(["numpy"]) })).toMatchObject({
    requirements: ["numpy"],
  });
  const own = { "requirements.lock": "numpy==1.24.1 --hash=sha256:0123" };
  expect(environment({ ...apart, ...own })).toMatchObject({ locked: "requirements.lock" });
});

it("modules behind a link are read as those beside it are: what they import is installed", () => {
  const shared = folderWith({ "shared.py": "import flask\n" });
  const own = folderWith({ "score.py": "", "requirements.txt": "azureml-defaults==1.60.0\n" });
  symlinkSync(resolve(shared), join(own, "lib"));
  expect(environmentOf(own).requirements).toEqual([
    expect.stringMatching(/^flask/),
    expect.stringMatching(/^inference-schema/),
  ]);
});
