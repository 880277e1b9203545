import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { mlflowPython } from "../scoring-app/python/mlflow-servers.ts";
import { Clone } from "./clone.ts";
import { ResourceManager } from "./resource-manager.ts";

/** Models as their owners have them, one after the other on one stack: packaged, scored, changed, destroyed. */

const execute = promisify(execFile);
let clone: Clone;

beforeAll(async () => {
  clone = await Clone.create();
  // Of all of them: what is below it in the image is built and pushed once.
  await set({ systemPackages: "tini" });
});
afterAll(() => clone?.dispose());

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const before = await readFile(clone.file(path), "utf8");
  const after = change(before);
  expect(after, `the edit of ${path} changes it`).not.toBe(before);
  await writeFile(clone.file(path), after);
}

/** Settings in the stack's file. */
async function set(settings: Record<string, unknown>): Promise<void> {
  await edit("Pulumi.dev.yaml", (text) => {
    const file = parse(text);
    return stringify({ ...file, config: { ...file.config, ...settings } });
  });
}

async function score(body: unknown, path = "/score"): Promise<unknown> {
  const { baseUrl = "" } = await clone.outputs();
  const headers = { "content-type": "application/json" };
  const response = await fetch(baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

/** What a shell prints in a container of the deployed image, whose root file system it cannot write. */
async function inImage(script: string): Promise<string> {
  const { imageReference = "" } = await clone.outputs();
  const limits = [
    "--read-only",
    "--tmpfs",
    "/tmp",
    "--cap-drop",
    "ALL",
    "--network",
    "none",
    "-e",
    "HOME=/home",
  ];
  const argv = ["run", "--rm", ...limits, "--entrypoint", "sh", imageReference, "-c", script];
  return (await execute("docker", argv)).stdout;
}

/** The lines of a build from a step on, as the engine passed them on. */
function linesFrom(printed: string, step: string): string[] {
  const lines = printed.split("\n").filter((line) => line.includes("scoring-image"));
  const at = lines.findIndex((line) => line.includes(step));
  expect(at, `${step} is among the steps`).toBeGreaterThan(-1);
  return lines.slice(at);
}

const INSTALL = "pip --python /opt/python/bin/python install";
const pickle = ["--model", "examples/score-pickle"];

test("a score.py with a pickle and a conda file is packaged, and its own sample scores", async () => {
  const { stdout } = await clone.succeed("up", ...pickle);
  // From now on this process trusts the clone's CA.
  await ResourceManager.of(clone);
  expect(stdout).toContain(`The model's own sample scores ["barolo","grignolino","barbera"].`);
  expect(stdout).toContain("azureml-defaults is left out");
  const { data } = JSON.parse(
    await readFile(clone.file("examples/score-pickle/sample_request.json"), "utf8"),
  );
  expect(await score({ data: data.slice(1) })).toEqual(["grignolino", "barbera"]);
});

test("its image has what was installed and no pip, compiler or package manager; it runs as nobody special, caches in /tmp", async () => {
  const packages = (await inImage("cat /app/packages.txt")).trim().split("\n");
  expect(packages).toEqual(expect.arrayContaining(["scikit-learn==1.9.1", "inference-schema==1.8"]));
  expect(packages.filter((line) => /^(pip|azureml)/.test(line))).toEqual([]);
  const names = "pip pip3 uv gcc g++ cc make npm npx apt-get dpkg";
  expect(await inImage(`for name in ${names}; do command -v $name; done; true`)).toBe("");
  expect(await inImage("ls /opt/python/bin /usr/lib/python3*/ensurepip 2>/dev/null || true")).not.toMatch(
    /pip/,
  );
  expect(await inImage("ls /app/node_modules")).not.toContain("onnxruntime");
  expect(await inImage("id -u; id -un; echo $HOME; node --version; pwd")).toMatch(
    /^1000\n[a-z]+\n\/home\nv26\.\S+\n\/app\/model\n$/,
  );
  const caches = "$XDG_CACHE_HOME $XDG_CONFIG_HOME $MPLCONFIGDIR $NUMBA_CACHE_DIR $HF_HOME $TORCH_HOME";
  expect((await inImage(`mkdir -p ${caches} && ls -d ${caches}`)).trim().split("\n")).toHaveLength(6);
  const program =
    "import sklearn.ensemble, getpass; print(getpass.getuser(), bool(open('/proc/self/maps').read().count('libgomp')))";
  expect(await inImage(`python -c "${program}"`)).toMatch(/^[a-z]+ True\n$/);
});

test("its container serves from a root file system that it cannot write", async () => {
  const { imageReference = "" } = await clone.outputs();
  const run = ["run", "-d", "--read-only", "--cap-drop", "ALL", "-e", "HOME=/home", imageReference];
  const id = (await execute("docker", run)).stdout.trim();
  try {
    const ready = `fetch("http://localhost:8080/v2/health/ready").then(({ status }) => process.exit(status === 200 ? 0 : 1), () => process.exit(1))`;
    const asking = `until node -e '${ready}'; do [ -d /proc/1 ] || exit 1; done`;
    await execute("docker", ["exec", id, "sh", "-c", asking], { timeout: 60_000 });
  } finally {
    await execute("docker", ["rm", "-f", id]);
  }
});

test("unchanged it makes no new image: two previews in a row are empty, and so is an up", async () => {
  for (const command of ["preview", "preview", "up"]) {
    expect((await clone.succeed(command, ...pickle)).stdout).toMatch(/Resources:\n\s+\d+ unchanged\n/);
  }
});

test("an edited score.py answers anew, and no package is installed again", async () => {
  await edit("examples/score-pickle/score.py", (text) =>
    text.replace("[name_of(label)", '["a " + name_of(label)'),
  );
  await edit("examples/score-pickle/sample_request.json", (text) => text.replaceAll(/"(bar|gri)/g, '"a $1'));
  const { stdout } = await clone.succeed("up", ...pickle);
  expect(stdout).toContain(`The model's own sample scores ["a barolo","a grignolino","a barbera"].`);
  expect(linesFrom(stdout, INSTALL)[1]).toContain("---> Using cache");
  expect(stdout).toMatch(/~ 2 updated/);
});

test("another Python than the base image's is one sentence with its remedy", async () => {
  const { pythonImage } = await madeImages();
  if (pythonImage === undefined) return; // Public images have every version.
  await edit("examples/score-pickle/conda.yml", (text) => text.replace("python=3.11", "python=3.12"));
  const { status, stdout } = await clone.local("up", ...pickle);
  expect(status).not.toBe(0);
  expect(stdout).toContain(
    "The environment asks for Python 3.12, and this image has 3.11: ask for python=3.11 in the environment, or set pythonImage and pythonBuildImage to images that have 3.12.",
  );
});

/** Images that this machine had to make, by setting. */
async function madeImages(): Promise<Record<string, string>> {
  const settings = JSON.parse(await readFile(clone.file(".local/machine-settings.json"), "utf8"));
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key.split(":")[1], value]));
}

test("a folder that is no model's is one sentence with its remedy at preview", async () => {
  const { status, stdout } = await clone.local("preview", "--model", "scoring-app/src");
  expect(status).not.toBe(0);
  expect(stdout).toContain('azure-ml-scoring:model is "scoring-app/src": holds no model: name a folder with');
});

test("a pandas-decorated one with a file of hashes, named in the stack's file, with a package of Debian's", async () => {
  await set({ model: "examples/pandas-decorated", startTimeLimit: 300 });
  await writeFile(clone.file("examples/pandas-decorated/.python-version"), "3.11\n");
  const { stdout } = await clone.succeed();
  expect(stdout).toMatch(/The model's own sample scores \[\d+\.\d+\]\./);
  expect(stdout).toContain("requirements.lock is obeyed");
  const lock = await readFile(clone.file("examples/pandas-decorated/requirements.lock"), "utf8");
  const locked = lock.match(/^\S+==\S+/gm) ?? [];
  expect((await inImage("cat /app/packages.txt")).trim().split("\n").sort()).toEqual(locked.sort());
  expect(await inImage("ls /usr/bin/tini")).toBe("/usr/bin/tini\n");
  const person = { age: -0.05, sex: "male", bmi: -0.05, bp: -0.03 };
  const [low, high] = (await score({ data: [person, { ...person, bmi: 0.1 }] })) as number[];
  expect(low).toBeLessThan(high ?? 0);
});

test("an MLflow model without any code: its input_example scores, and /invocations answers as MLflow's server", async () => {
  const folder = "examples/mlflow/model";
  // By cloudpickle, which the lock below has; skops is another package.
  await execute(mlflowPython(), [clone.file("examples/mlflow/train.py"), clone.file(folder), "cloudpickle"]);
  const previewed = await clone.succeed("preview", "--model", folder);
  expect(previewed.stdout).toMatch(/mlflow==\S+ is left out: the scoring app calls the model/);
  // The packages of the last test are what it needs, too: with its lock they are installed already.
  await copyFile(
    clone.file("examples/pandas-decorated/requirements.lock"),
    clone.file(`${folder}/requirements.lock`),
  );
  const { stdout } = await clone.succeed("up", "--model", folder);
  expect(linesFrom(stdout, INSTALL)[1]).toContain("---> Using cache");
  expect(stdout).toMatch(/The model's own sample scores \[[\d.]+,[\d.]+\]\./);
  const text = await readFile(clone.file(`${folder}/serving_input_example.json`), "utf8");
  const answer = (await score(JSON.parse(text), "/invocations")) as { predictions: number[] };
  expect(answer).toEqual({ predictions: [expect.any(Number), expect.any(Number)] });
  expect(await score(JSON.parse(text))).toEqual(answer.predictions);
  expect(await inImage("cat /app/packages.txt")).not.toMatch(/^mlflow==/m);
});

test("a hash that is not the package's stops the build, and what ran before goes on", async () => {
  await edit("examples/pandas-decorated/requirements.lock", (text) =>
    text.replace(
      /(cloudpickle==\S+)( \\\n {4}--hash=sha256:[0-9a-f]+)+/,
      `$1 --hash=sha256:${"0".repeat(64)}`,
    ),
  );
  const { status, stdout } = await clone.local("up");
  expect(status).not.toBe(0);
  expect(stdout).toContain("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE");
  const text = await readFile(clone.file("examples/mlflow/model/serving_input_example.json"), "utf8");
  expect(await score(JSON.parse(text))).toHaveLength(2);
});

test("destroy, then stop, leave none of the images that were made", async () => {
  const made = Object.values(await madeImages());
  await clone.succeed("destroy");
  await clone.succeed("stop");
  for (const image of made) expect((await execute("docker", ["images", "-q", image])).stdout).toBe("");
});
