// Leaves in node_modules what runs on this platform: called by the Dockerfile after `npm prune --omit=dev`.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const remove = (path) => rmSync(path, { recursive: true });
const entries = (folder) => readdirSync(folder, { withFileTypes: true });

// Of ONNX Runtime's six platforms, this one; its sources and install script (which would fetch CUDA files) go too.
const onnxRuntime = "node_modules/onnxruntime-node";
const binaries = join(onnxRuntime, "bin/napi-v6");
for (const { name: platform } of entries(binaries)) {
  for (const { name: architecture } of entries(join(binaries, platform))) {
    if (platform !== process.platform || architecture !== process.arch)
      remove(join(binaries, platform, architecture));
  }
}
for (const folder of ["lib", "script"]) remove(join(onnxRuntime, folder));

/** TypeScript, commands, source maps, documents and test files of every package. */
function prune(folder) {
  for (const entry of entries(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (/^(tests?|@types|\.bin)$/.test(entry.name)) remove(path);
      else prune(path);
    } else if (/\.([cm]?ts|map|md|tsbuildinfo|test\.[cm]?js)$/.test(entry.name)) remove(path);
  }
}
prune("node_modules");

// Papa Parse's other builds; what compiles schemas for pbf; builds for browsers.
const surplus = [
  ...["Gruntfile.js", "bower.json", "papaparse.min.js", "player"].map((name) => join("papaparse", name)),
  ...["bin", "compile.js", "dist"].map((name) => join("pbf", name)),
  join("yaml", "browser"),
  "protocol-buffers-schema",
  "resolve-protobuf-schema",
];
for (const path of surplus) remove(join("node_modules", path));
