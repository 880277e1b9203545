import { expect, test } from "vitest";
import { changesOf, losses, type Step } from "../../local/cli/changes.ts";
import { asMarkdown, asText, type Comparison } from "../../local/cli/changes-text.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:dev-against::azure-ml-scoring::scoring:service:ScoringService$${type}::${name}`;
const PLAN = urn("azure-native:web:AppServicePlan", "scoring-app-plan");
const APP = urn("azure-native:web:WebApp", "scoring-app");
const REGISTRY = urn("azure-native:containerregistry:Registry", "scoring-registry");
const SUFFIX = urn("random:index/randomId:RandomId", "scoring-suffix");

/** A step with these inputs before and after. */
function step(op: string, of: string, old?: object, now?: object): Step {
  const state = (inputs: object) => ({ type: "", inputs: inputs as Record<string, unknown> });
  return { op, urn: of, ...(old && { oldState: state(old) }), ...(now && { newState: state(now) }) };
}

test("of an update every property that differs is told, with its path, old and new", () => {
  const before = {
    sku: { name: "B1", capacity: 1 },
    list: [{ name: "A", value: "1" }, "same"],
    tags: { "my tag": "x", gone: "y" },
    __defaults: ["a"],
  };
  const after = {
    sku: { name: "B2", capacity: 1 },
    list: [{ name: "A", value: "2" }, "same"],
    tags: { "my tag": "z", new: "w" },
    __defaults: [],
  };
  expect(changesOf([step("same", APP, before, after), step("update", PLAN, before, after)])).toEqual([
    { urn: PLAN, op: "update", property: "sku.name", old: "B1", new: "B2" },
    { urn: PLAN, op: "update", property: "list[0].value", old: "1", new: "2" },
    { urn: PLAN, op: "update", property: 'tags["my tag"]', old: "x", new: "z" },
    { urn: PLAN, op: "update", property: "tags.gone", old: "y", new: null },
    { urn: PLAN, op: "update", property: "tags.new", old: null, new: "w" },
  ]);
});

test("a secret that differs, which the engine masks on both sides, is told by its path", () => {
  const inputs = { siteConfig: { appSettings: "[secret]", linuxFxVersion: "a" } };
  const now = { siteConfig: { appSettings: "[secret]", linuxFxVersion: "b" } };
  const paths = { "siteConfig.appSettings[2].value": {}, "siteConfig.linuxFxVersion": {} };
  expect(changesOf([{ ...step("update", APP, inputs, now), detailedDiff: paths }])).toEqual([
    { urn: APP, op: "update", property: "siteConfig.linuxFxVersion", old: "a", new: "b" },
    { urn: APP, op: "update", property: "siteConfig.appSettings[2].value", old: "[secret]", new: "[secret]" },
  ]);
});

test("what is created, deleted or only sent anew is told without a property", () => {
  const none = { property: null, old: null, new: null };
  expect(
    changesOf([
      step("create", PLAN, undefined, { a: 1 }),
      step("delete", SUFFIX, { a: 1 }),
      step("update", APP),
    ]),
  ).toEqual([
    { urn: PLAN, op: "create", ...none },
    { urn: SUFFIX, op: "delete", ...none },
    { urn: APP, op: "update", ...none },
  ]);
});

test("of the three steps of a replacement one is told; values that come later are said to", () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const [old, now] = [
    { name: "a", ids: ["1"] },
    { name: unknown, ids: [unknown, "2"] },
  ];
  const steps = ["create-replacement", "replace", "delete-replaced"].map((op) => step(op, APP, old, now));
  const later = "[known after the deployment]";
  expect(changesOf(steps)).toEqual([
    { urn: APP, op: "replace", property: "name", old: "a", new: later },
    { urn: APP, op: "replace", property: "ids", old: ["1"], new: [later, "2"] },
  ]);
});

test("a registry or web app that would be replaced or deleted is a loss; a plan or a random value is none", () => {
  const lost = (op: string, of: string) => losses(changesOf([step(op, of, { a: 1, b: 1 }, { a: 2, b: 2 })]));
  for (const op of ["replace", "delete"]) {
    expect(lost(op, APP).map((change) => change.urn)).toEqual([APP]);
    expect(lost(op, REGISTRY).map((change) => change.urn)).toEqual([REGISTRY]);
    expect(lost(op, PLAN)).toEqual([]);
    expect(lost(op, SUFFIX)).toEqual([]);
  }
  expect(lost("update", APP)).toEqual([]);
  expect(lost("create", APP)).toEqual([]);
});

const images = {
  before: { id: `sha256:${"a".repeat(64)}`, size: 200e6 },
  after: { id: `sha256:${"b".repeat(64)}`, size: 201.5e6 },
};

test("as text: a line a resource, its properties below it, and the image", () => {
  const changes = changesOf([
    step("update", PLAN, { sku: { name: "B1" } }, { sku: { name: "B2" }, x: 1 }),
    step("create", APP),
  ]);
  expect(asText({ changes, image: images })).toEqual([
    "update azure-native:web:AppServicePlan scoring-app-plan",
    '    sku.name: "B1" => "B2"',
    "    x: (none) => 1",
    "create azure-native:web:WebApp scoring-app",
    "Image: aaaaaaaaaaaa 200.0 MB => bbbbbbbbbbbb 201.5 MB (+1.5 MB)",
  ]);
});

test("nothing changed, and images that are not there, are said", () => {
  const { before, after } = images;
  const image = (of: Comparison["image"]) => asText({ changes: [], image: of });
  expect(image({ before, after: before })).toEqual([
    "Nothing changes.",
    "Image: aaaaaaaaaaaa 200.0 MB, as before",
  ]);
  expect(image({ before: after, after: before })[1]).toMatch(/\(-1\.5 MB\)$/);
  expect(image({ before: null, after })[1]).toBe("Image: (none) => bbbbbbbbbbbb 201.5 MB");
});

test("as Markdown a value cannot leave its cell", () => {
  const changes = changesOf([step("update", APP, { a: "`|`\n<b>" }, { a: "x" })]);
  const lines = asMarkdown({ changes, image: images }, "main").split("\n");
  expect(lines[0]).toBe("### Changes against `main`");
  expect(lines[4]).toBe(
    '| `update` | `azure-native:web:WebApp scoring-app` | `a` | `` "`\\|`\\n<b>" `` | `"x"` |',
  );
});
