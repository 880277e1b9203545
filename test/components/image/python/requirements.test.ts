import { expect, it } from "vitest";
import { conda, environment, faults } from "./folder.ts";

const lines = (requirements: string, files: Record<string, string> = {}) =>
  environment({ "requirements.txt": requirements, ...files });

it.each([
  "numpy==1.24.1",
  "requests[socks]>=2,<3; python_version < '3.12'",
  "git+https://github.com/owner/name@v1.2#egg=name",
  "name @ git+https://github.com/owner/name",
  "https://example.com/name-1.0-py3-none-any.whl",
  "name @ https://example.com/name-1.0-py3-none-any.whl",
  "--index-url https://pypi.example.com/simple",
  "--extra-index-url https://download.pytorch.org/whl/cpu",
  "-f https://download.pytorch.org/whl/torch_stable.html",
  "-c https://example.com/constraints.txt",
  "--trusted-host pypi.example.com",
  "--pre",
  "--only-binary=:all:",
])("%s is taken as it is", (line) => {
  expect(lines(line)).toMatchObject({ requirements: [line], files: [], notices: [] });
  expect(environment({ "conda.yml": conda(["python=3.11"], [line]) }).requirements).toEqual([line]);
});

it("a line goes on behind a backslash", () => {
  expect(lines("numpy==1.24.1 \\\n  --hash=sha256:01 # why\nsix").requirements).toEqual([
    "numpy==1.24.1    --hash=sha256:01",
    "six",
  ]);
});

it.each([
  ["UTF-16, as PowerShell writes it", Buffer.from("\ufeffnumpy==1.24.1\r\nsix\r\n", "utf16le")],
  ["UTF-8 with a byte order mark", Buffer.from("\ufeffnumpy==1.24.1\r\nsix\r\n")],
])("a file may be %s", (_, bytes) => {
  expect(environment({ "requirements.txt": bytes }).requirements).toEqual(["numpy==1.24.1", "six"]);
});

it.each(["-r", "-r ", "--requirement ", "--requirement="])(
  "files that are named by %s stand in their place",
  (option) => {
    const files = { "deps/base.txt": "numpy\n-r more.txt\n-r ../requirements.txt", "deps/more.txt": "six" };
    expect(lines(`pandas\n${option}deps/base.txt`, files).requirements).toEqual(["pandas", "numpy", "six"]);
  },
);

it("wheels, constraints and folders of wheels come along, by path in the folder", () => {
  const files = {
    "deps/base.txt": "./own-1.0-py3-none-any.whl\n-c limits.txt",
    "deps/own-1.0-py3-none-any.whl": "",
    "deps/limits.txt": "",
    "wheels/x.whl": "",
    "wheels/README.md": "",
    "y.whl": "",
  };
  expect(lines("-r deps/base.txt\n--find-links ./wheels\ny.whl", files)).toMatchObject({
    requirements: ["./deps/own-1.0-py3-none-any.whl", "-c deps/limits.txt", "-f wheels", "./y.whl"],
    files: ["deps/own-1.0-py3-none-any.whl", "deps/limits.txt", "wheels/x.whl", "y.whl"],
  });
});

it("wheels beside the file may be named by -f, too", () => {
  const files = { "own-1.0-py3-none-any.whl": "", "score.py": "" };
  expect(lines("own\n-f .", files)).toMatchObject({
    requirements: ["own", "-f ."],
    files: ["own-1.0-py3-none-any.whl"],
  });
});

it("extras, a marker or hashes may stand behind a wheel", () => {
  const files = { "own.whl": "" };
  const behind = ["[a,b]", " ; python_version >= '3.8'", "[a]; sys_platform == 'linux'", " --hash=sha256:01"];
  expect(lines(behind.map((each) => `./own.whl${each}`).join("\n"), files)).toMatchObject({
    requirements: behind.map((each) => `./own.whl${each}`),
    files: ["own.whl"],
  });
});

it("a file that several name is read once, however many do", () => {
  const chain = Array.from({ length: 30 }, (_, at) => [`${at}.txt`, `-r ${at + 1}.txt\n-r ${at + 1}.txt\n`]);
  expect(lines("-r 0.txt", { ...Object.fromEntries(chain), "30.txt": "six" }).requirements).toEqual(["six"]);
});

const MISSING = "no such file in the folder: put it there, and write its path from this file";
const BESIDE = "modules beside the entry script are imported as they are; else build a wheel";

it.each([
  ["./none.whl", MISSING],
  ["-r none.txt", MISSING],
  ["-c ../../limits.txt", MISSING],
  ["/root/own.whl", MISSING],
  ["file:///root/own.whl", MISSING],
  ["./own", `this is a folder: ${BESIDE}`],
  ["-e .", `leave it out: ${BESIDE}`],
  ["--editable ./own", `leave it out: ${BESIDE}`],
  [
    "git+ssh://git@github.com/owner/name",
    "the build has neither keys nor files of this machine: use git+https, or a wheel in the folder",
  ],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as pip has variables
    "--extra-index-url https://${TOKEN}@pkgs.example.com/simple",
    "the build has no variables of this machine: put the wheels into a folder there, and write -f and its path",
  ],
  [
    "python==3.9",
    "no package of pip's: name Python among conda's dependencies, or in a file .python-version",
  ],
])("%s is refused in words", (line, text) => {
  const files = { "own/setup.py": "" };
  expect(faults({ "requirements.txt": line, ...files })).toEqual([
    `requirements.txt: ${JSON.stringify(line)}: ${text}`,
  ]);
});

it("a package from a repository is installed without -e", () => {
  expect(lines("-e git+https://github.com/owner/name#egg=name")).toMatchObject({
    requirements: ["git+https://github.com/owner/name#egg=name"],
    notices: ['requirements.txt: "-e git+https://github.com/owner/name#egg=name" is installed without -e'],
  });
});

it("what pip freeze writes in a conda environment is told with the command that writes versions", () => {
  const freeze =
    "numpy @ file:///tmp/build/80754af9/numpy_1626271504241/work\nsix==1.16.0\npytz @ file:///opt/x";
  expect(faults({ "requirements.txt": freeze })).toEqual([
    "requirements.txt: numpy, pytz: files of another machine; give versions: `pip list --format=freeze > requirements.txt` writes one",
  ]);
});

it("what conda list --export writes is told likewise", () => {
  expect(faults({ "requirements.txt": "# platform: linux-64\nnumpy=1.21.2=py39h20f2e39_0" })).toEqual([
    "requirements.txt: numpy=1.21.2=py39h20f2e39_0: conda's form; pip's is NAME==VERSION: " +
      "`pip list --format=freeze > requirements.txt` writes one",
  ]);
});

it("packages of Windows and macOS are left out, with a sentence", () => {
  expect(lines("pywin32==306\npyobjc-core==10.0\npywinpty==2.0\nnumpy")).toMatchObject({
    requirements: ["numpy"],
    notices: ["pywin32==306", "pyobjc-core==10.0", "pywinpty==2.0"].map(
      (line) => `requirements.txt: ${line} is left out: it is of another operating system`,
    ),
  });
});
