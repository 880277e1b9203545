import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { golden, startApp } from "./app.ts";
import { pythonWith } from "./python.ts";

it("the official tritonclient works unchanged, with JSON and with binary data", async () => {
  const python = pythonWith(["tritonclient[http]==2.73.0"]);
  const app = await startApp({ AZUREML_MODEL_DIR: golden("columns") });
  const script = fileURLToPath(new URL("triton.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, `127.0.0.1:${app.port}`]);
  const rows = [
    [30, 50000.5, "Köln", "yes"],
    [40, 41000.25, "Bern", "no"],
  ];
  const scored = (await (await app.post({ data: rows })).json()) as number[];
  expect(JSON.parse(stdout).flat().map(Math.fround)).toEqual(scored.map(Math.fround));
  await app.stop();
}, 180_000);
