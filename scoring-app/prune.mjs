// Leaves in node_modules what runs on this platform: called by the Dockerfiles after `npm prune --omit=dev`.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes the files that are not wanted, and folders without any. @returns whether something is left */
function keep(folder, wanted) {
  const left = readdirSync(folder, { withFileTypes: true }).filter((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory() ? keep(path, wanted) : wanted(path)) return true;
    rmSync(path, { recursive: true });
    return false;
  });
  return left.length > 0;
}

// Of ONNX Runtime's six platforms, this one; not its sources, and not its install script, which would fetch CUDA files.
const PLATFORM = `bin/napi-v6/${process.platform}/${process.arch}/`;
const runs = (path) => (path.includes("/bin/") ? path.includes(PLATFORM) : /\/dist\/.*\.js$/.test(path));
/** What tells of a package: for its licence's sake, and for tools that list an image's packages. */
const tells = (path) => /\/(package\.json|(licen[cs]e|notice)[^/]*)$/i.test(path);

// What the app needs of the others is in dist.
keep("node_modules", (path) => tells(path) || (path.includes("/onnxruntime-") && runs(path)));

const binding = `node_modules/onnxruntime-node/${PLATFORM}onnxruntime_binding.node`;
if (!existsSync(binding))
  throw new Error(`${binding} is missing: ONNX Runtime has nothing for this platform, or has it elsewhere`);
