import { expect, it } from "vitest";
import { readModule } from "../../../../components/image/python/imports.ts";
import { environment } from "./folder.ts";

it("imports are those that Python sees", () => {
  const source = [
    "import os, sys as system; import json # import no",
    "from . import own",
    "from .own import x",
    "from a.b import (c as d,  # why",
    "   e)",
    "if True: import f.g",
    "text = 'import no' + \"it's\" + '''\nimport no\n'''",
    "from long \\",
    "  import name",
    "important = 1",
    "x = r'\\'; import no'",
  ].join("\r\n");
  expect(
    readModule(source).imports.map(({ module, name, local }) =>
      [module, name, local].filter(Boolean).join(" "),
    ),
  ).toEqual([
    "os os",
    "sys system",
    "json json",
    ". own own",
    ".own x x",
    "a.b c d",
    "a.b e e",
    "f.g f.g",
    "long name name",
  ]);
});

it.each([
  ["a string of megabytes", `X = """${"a".repeat(20_000_000)}"""\n`],
  ["a short string of megabytes", `X = "${"a".repeat(20_000_000)}"\n`],
  ["blanks without end", `${" ".repeat(300_000)}x\n`],
])("a script with %s is read, and soon", (_, code) => {
  const files = { "score.py": `import azureml.core\n${code}import flask\n` };
  const { requirements } = environment({ ...files, "requirements.txt": "azureml-defaults==1.60.0" });
  expect(requirements).toContainEqual(expect.stringMatching(/^flask/));
});
