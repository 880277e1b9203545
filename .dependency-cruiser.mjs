/**
 * Who may import whom. `npm run lint` checks it on resolved files, type-only imports included.
 */

/** The repository's parts, and the other parts that each may import. What is not named here may import everything. */
const PARTS = {
  "index.ts": ["components"],
  components: [],
  "scoring-app": [],
  local: [],
  operations: ["local"],
};

/** Layers of local/, top to bottom: a file imports its own folder and layers below. Folders of one layer do not know each other. */
const LOCAL = [
  ["cli.ts"],
  ["cli"],
  ["stack"],
  ["process"],
  ["plugins", "azure", "setup"],
  ["arm-client"],
  ["net", "docker"],
  ["system"],
];

/** Likewise in local/azure; "*" is a folder a resource provider. */
const AZURE = [["server.ts"], ["providers.ts"], ["*"], ["core"]];

/** Packages that one folder alone imports. */
const ONLY_HERE = { "onnxruntime-node": "scoring-app/src/runtime/onnx" };

const escaped = (text) => text.replaceAll(".", "\\.");
/** The files of these entries of a folder (`file.ts`, `folder`). */
const entries = (folder, names) =>
  `^${folder}(${names.map((name) => (name.includes(".") ? `${escaped(name)}$` : `${name}/`)).join("|")})`;

/** Three kinds of fault: an import that goes up, one between two folders of a layer, and a file outside the layers. */
function layered(folder, layers) {
  const named = layers.flat().filter((name) => name !== "*");
  const every = `^${folder}[^/]+/`;
  const wildcard = { path: every, pathNot: entries(folder, named) };
  const files = (names) => (names.includes("*") ? wildcard : { path: entries(folder, names) });
  const up = layers.slice(1).flatMap((names, index) =>
    layers.slice(0, index + 1).map((above) => ({
      name: `${folder}${names.join("|")} -> ${above.join("|")}`,
      comment: "an import that goes up: see the layers in .dependency-cruiser.mjs",
      severity: "error",
      from: files(names),
      to: files(above),
    })),
  );
  const beside = layers
    .filter((names) => names.length > 1 || names.includes("*"))
    .map((names) => ({
      name: `${folder}${names.join("|")} beside each other`,
      comment: "folders of one layer do not import each other",
      severity: "error",
      from: names.includes("*")
        ? { ...wildcard, path: `^${folder}([^/]+)/` }
        : { path: `^${folder}(${names.join("|")})/` },
      to: { ...files(names), pathNot: [`^${folder}$1/`, files(names).pathNot].flat().filter(Boolean) },
    }));
  const known = layers.flat().includes("*") ? [every, entries(folder, named)] : [entries(folder, named)];
  const outside = {
    name: `${folder} outside its layers`,
    comment: "name the file's folder in .dependency-cruiser.mjs",
    severity: "error",
    from: { path: `^${folder}`, pathNot: known },
    to: {},
  };
  return [...up, ...beside, outside];
}

const parts = Object.entries(PARTS).map(([part, others]) => ({
  name: `${part} imports only ${["itself", ...others].join(" and ")}`,
  severity: "error",
  from: { path: entries("", [part]) },
  to: {
    path: "^[^/]+",
    pathNot: ["node_modules/", entries("", [part, ...others])],
    dependencyTypes: ["local"],
  },
}));

const onlyHere = Object.entries(ONLY_HERE).map(([name, folder]) => ({
  name: `only ${folder} imports ${name}`,
  severity: "error",
  from: { path: "^scoring-app/", pathNot: `^${folder}/` },
  to: { path: `(^|node_modules/)${name}(/|$)` },
}));

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    { name: "no circle", severity: "error", from: {}, to: { circular: true } },
    {
      name: "azure-native by submodule",
      comment: "the whole package costs every preview and update half as much again",
      severity: "error",
      from: { path: "^(index\\.ts|components/)" },
      to: { path: "node_modules/@pulumi/azure-native/index\\." },
    },
    {
      name: "node:http by getBuiltinModule",
      comment: "importing it loads undici: see scoring-app/src/node-http.ts",
      severity: "error",
      from: { path: "^scoring-app/src/" },
      to: { path: "^(node:)?https?$", dependencyTypesNot: ["type-only"] },
    },
    ...parts,
    ...layered("local/", LOCAL),
    ...layered("local/azure/", AZURE),
    ...onlyHere,
  ],
  options: {
    doNotFollow: "node_modules",
    exclude: "^[^/]+/dist/",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: [".ts", ".mts", ".mjs", ".js", ".json"],
      exportsFields: ["exports"],
    },
  },
};
