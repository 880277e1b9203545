import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSkipped, onPyPI } from "../../../../components/image/python/conda-names.ts";
import { pipConditions, readMatchSpec } from "../../../../components/image/python/match-spec.ts";
import { conda, environment, faults } from "./folder.ts";

const line = (dependency: string) => environment({ "conda.yml": conda([dependency]) }).requirements[0];

it.each([
  ["numpy", "numpy"],
  ["numpy=1.2", "numpy==1.2.*"],
  ["numpy=1.2.3", "numpy==1.2.3.*"],
  ["numpy==1.2.3", "numpy==1.2.3"],
  ["numpy 1.2.3", "numpy==1.2.3"],
  ["numpy=1.2.3=py39h6c91a56_0", "numpy==1.2.3"],
  ["numpy 1.2.3 py39h6c91a56_0", "numpy==1.2.3"],
  ["numpy==1.2.3=py39h6c91a56_0", "numpy==1.2.3"],
  ["numpy=1.2.*", "numpy==1.2.*"],
  ["numpy=1.2*", "numpy==1.2.*"],
  ["numpy 1.2.*", "numpy==1.2.*"],
  ["numpy=1.2.*=py39*", "numpy==1.2.*"],
  ["numpy=*", "numpy"],
  ["numpy>=1,<2", "numpy>=1,<2"],
  ["numpy >=1.20, <2", "numpy>=1.20,<2"],
  ["numpy>=1.20.*", "numpy>=1.20"],
  ["numpy!=1.21.*", "numpy!=1.21.*"],
  ["numpy~=1.21", "numpy~=1.21"],
  ["numpy=1.0rc1", "numpy==1.0rc1"],
  ["conda-forge::numpy=1.2", "numpy==1.2.*"],
  ["conda-forge/linux-64::numpy=1.2", "numpy==1.2.*"],
  ["numpy[version='>=1.2,<2', build=py39*]", "numpy>=1.2,<2"],
  ['numpy[version="1.2.3"]', "numpy==1.2.3"],
  ["pytorch=1.13.1=py3.10_cuda11.6_cudnn8.3.2_0", "torch==1.13.1"],
  ["opencv=4.6.0=py39h417a72b_3", "opencv-python-headless==4.6.0.*"],
  ["opencv>=4.5,<5", "opencv-python-headless>=4.5,<5"],
  ["pytables", "tables"],
  ["dask=2023.1", "dask[complete]==2023.1.*"],
  ["Huggingface_Hub", "huggingface-hub"],
])("conda's %s is pip's %s", (dependency, expected) => {
  expect(line(dependency)).toBe(expected);
});

it.each([
  ["numpy=1.2|1.3", 'pip has no "|" between versions: write one range, as in >=1.2,<1.4'],
  ["numpy=1.2.3_1", 'pip knows no version "=1.2.3_1": write one as on PyPI'],
  ["uvicorn[standard]", "an [extra] is pip's: write this line in the pip section"],
  ["uvicorn[standard]>=0.20", "an [extra] is pip's: write this line in the pip section"],
  ["numpy; python_version > '3.8'", "write NAME, NAME=VERSION or NAME>=VERSION,<VERSION"],
  ["git+https://github.com/a/b", "write NAME, NAME=VERSION or NAME>=VERSION,<VERSION"],
])("%s is refused in words", (dependency, text) => {
  expect(faults({ "conda.yml": conda([dependency]) })).toEqual([
    `conda.yml: ${JSON.stringify(dependency)}: ${text}`,
  ]);
});

it("a name without a counterpart on PyPI stops with both remedies", () => {
  expect(faults({ "conda.yml": conda(["numpy", "my-own=1.0=pyhd8ed1ab_0", "gdal=3.6"]) })).toEqual([
    "conda.yml: no package of PyPI is known for conda's my-own, gdal: name it as on PyPI in the pip section " +
      '("- pip:" below "dependencies:"), or write a requirements.txt in place of conda.yml; leave out what is no Python package',
  ]);
});

it("what has no Python in it is left out, in one sentence, whatever its version", () => {
  const dependencies = [
    "_libgcc_mutex=0.1=main",
    "openssl=1.1.1k",
    "mkl",
    "jpeg=9e",
    "pip",
    "libnew=1.0=h1234567_0",
  ];
  expect(environment({ "conda.yml": conda([...dependencies, "numpy"]) })).toMatchObject({
    requirements: ["numpy"],
    notices: [
      "conda.yml: left out, since PyPI's packages bring what they need of it: _libgcc_mutex, openssl, mkl, jpeg, pip, libnew " +
        "(the setting systemPackages adds Debian's packages)",
    ],
  });
});

it("only conda-build's own build string tells what has no Python; otherwise an unknown name stops", () => {
  expect(isSkipped("libnew", "h1234567_0")).toBe(true);
  const others = ["", "0", "custom_0", "default_h1234567_1", "py39h1234567_0", "pyhd8ed1ab_0", "py_0"];
  expect(others.filter((build) => isSkipped("libnew", build))).toEqual([]);
});

it("a package whose version the pip section says, too, is as that says: conda installs it last", () => {
  const { requirements, notices } = environment({
    "conda.yml": conda(
      ["numpy=1.26.4=py311h64a7726_0", "scipy=1.9", "pytz=2024.1"],
      ["NumPy==1.24.1", "scipy", "pytz>=2023"],
    ),
  });
  expect(requirements).toEqual(["scipy==1.9.*", "pytz==2024.1.*", "NumPy==1.24.1", "scipy", "pytz>=2023"]);
  expect(notices).toEqual(["conda.yml: numpy==1.26.4 is left out: the pip section has its numpy==1.24.1"]);
});

it("nothing is both on PyPI and left out, and Python packages named lib… are installed", () => {
  for (const name of ["librosa", "libpysal", "libcst", "libsass"]) expect(onPyPI(name)?.name).toBe(name);
  for (const name of [
    "scikit-learn",
    "pandas",
    "xgboost",
    "lightgbm",
    "catboost",
    "onnxruntime",
    "transformers",
  ])
    expect([onPyPI(name)?.name, isSkipped(name)]).toEqual([name, false]);
});

it("a package that two of conda's are is one line", () => {
  const dependencies = ["matplotlib=3.6.3=py39hf3d152e_0", "matplotlib-base=3.6.3=py39he190548_0"];
  expect(environment({ "conda.yml": conda(dependencies) }).requirements).toEqual(["matplotlib==3.6.3"]);
});

it("name, prefix and public channels are nothing to tell; other channels and variables are", () => {
  const text = [
    "name: x",
    "channels: [defaults, conda-forge, nodefaults, 'https://repo.anaconda.com/pkgs/main', 'https://conda.example.com/own']",
    conda(["numpy"]),
    "variables: {OMP_NUM_THREADS: 1, KEY: secret}",
    "prefix: /opt/conda/envs/x",
  ].join("\n");
  expect(environment({ "conda.yml": text }).notices).toEqual([
    "conda.yml: https://conda.example.com/own: no channel is read, all packages come from PyPI",
    "conda.yml: variables are not set (OMP_NUM_THREADS, KEY): write them in the setting appSettings",
  ]);
});

it("torch is told to come with CUDA, unless an index or a build is named", () => {
  const told = [expect.stringContaining('the line "--extra-index-url https://download.pytorch.org/whl/cpu"')];
  expect(environment({ "conda.yml": conda(["pytorch=2.1"]) }).notices).toEqual(told);
  for (const line of ["torch", "torch==2.1.0", "torch>=2; python_version > '3.8'"])
    expect(environment({ "requirements.txt": line }).notices).toEqual(told);
  for (const line of ["torch==2.1.0+cpu", "torchmetrics", "torch @ https://example.com/torch.whl"])
    expect(environment({ "requirements.txt": line }).notices).toEqual([]);
  const index = "--extra-index-url https://download.pytorch.org/whl/cpu";
  expect(environment({ "conda.yml": conda(["pytorch=2.1"], [index]) })).toMatchObject({
    requirements: ["torch==2.1.*", index],
    notices: [],
  });
});

it.each([
  [
    "dependencies:\n  - npm:\n    - x\n",
    '{"npm":["x"]}: write NAME=VERSION, or "pip:" and a list of lines below it',
  ],
  [
    "dependencies:\n  - pip: numpy\n",
    '{"pip":"numpy"}: write NAME=VERSION, or "pip:" and a list of lines below it',
  ],
  [
    "dependencies:\n  - numpy\npip:\n  - six\n",
    '"pip:" at the top is read by nobody: write "- pip:" below "dependencies:"',
  ],
])("%j is refused in words", (text, fault) => {
  expect(faults({ "conda.yml": text })).toEqual([`conda.yml: ${fault}`]);
});

describe("conda env export", () => {
  const exported = (name: string) =>
    environment({ "conda.yml": readFileSync(join(import.meta.dirname, "exports", `${name}.yml`)) });

  it("of a scientific environment on Linux is installed from PyPI", () => {
    const { python, requirements, notices } = exported("linux-scientific");
    expect(python).toBe("3.9");
    expect(requirements).toHaveLength(68);
    expect(requirements).toEqual(
      expect.arrayContaining(["numpy==1.24.1", "scikit-learn==1.2.0", "pyzmq==25.0.0"]),
    );
    expect(requirements.filter((each) => !/^[a-z0-9-]+==[\w.]+$/.test(each))).toEqual([]);
    expect(notices).toHaveLength(3);
  });

  it("with CUDA, MKL and the nvidia channel is installed without them", () => {
    const { python, requirements } = exported("linux-cuda");
    expect(python).toBe("3.10");
    expect(requirements).toEqual(
      expect.arrayContaining(["torch==1.13.1", "torchvision==0.14.1", "numpy==1.23.5"]),
    );
    expect(requirements.filter((each) => /cuda|mkl|nsight|^openssl|ncurses/.test(each))).toEqual([]);
  });

  it("with Anaconda's TensorFlow has it once", () => {
    const { requirements } = exported("anaconda-tensorflow");
    expect(requirements.filter((each) => /^tensorflow=/.test(each))).toEqual(["tensorflow==2.9.1"]);
    expect(requirements).toEqual(
      expect.arrayContaining(["tables==3.7.0", "opencv-python-headless==4.6.0.*"]),
    );
  });

  it("without builds, from Windows, leaves out what is Windows'", () => {
    const { python, requirements, notices } = exported("windows");
    expect(python).toBe("3.11");
    expect(requirements).toEqual(
      expect.arrayContaining(["pandas==2.1.1.*", "pytz==2023.3.post1", "xgboost==1.7.3.*"]),
    );
    expect(requirements.filter((each) => /win|vc|vs20/.test(each))).toEqual([]);
    expect(notices).toContain(
      "conda.yml: pywin32-ctypes==0.2.2 is left out: it is of another operating system",
    );
  });

  it("from macOS leaves out its compilers and libraries", () => {
    const { python, requirements } = exported("macos");
    expect(python).toBe("3.11");
    expect(requirements).toEqual(
      expect.arrayContaining(["torch==2.1.2", "sentencepiece==0.1.99", "appnope==0.1.3"]),
    );
    expect(requirements.filter((each) => /clang|lib|osx/.test(each))).toEqual([]);
  });
});

it("a dependency is taken apart as conda does", () => {
  expect(readMatchSpec("conda-forge::numpy=1.2.3=py39_0")).toEqual({
    name: "numpy",
    version: "1.2.3",
    build: "py39_0",
  });
  expect(readMatchSpec("numpy[version=1.2, build=py39_0]")).toEqual({
    name: "numpy",
    version: "1.2",
    build: "py39_0",
  });
  expect(pipConditions(">=1.8,<2.0a0")).toBe(">=1.8,<2.0a0");
});
