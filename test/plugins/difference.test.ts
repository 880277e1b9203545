import { expect, test } from "vitest";
import { difference } from "../../local/plugins/difference.ts";
import { type Properties, unknownValue } from "../../local/plugins/property-values.ts";

const paths = (before: Properties, after: Properties, options = {}) =>
  difference(before, after, options).map(({ kind, path }) => `${kind} ${path}`);

test.each<[string, Properties, Properties, string[]]>([
  ["nothing", { a: { b: [1] } }, { a: { b: [1] } }, []],
  ["a nested value", { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ["update a.c"]],
  ["a value more and one less", { a: 1 }, { b: 1 }, ["delete a", "add b"]],
  ["a kind of value", { a: { b: 1 } }, { a: [1] }, ["update a"]],
  ["an element more", { a: [1] }, { a: [1, 2] }, ["add a[1]"]],
  ["a name that is no identifier", { tags: {} }, { tags: { "my.tag": "x" } }, ['add tags["my.tag"]']],
  ["an unknown", { a: 1 }, { a: unknownValue }, ["update a"]],
  ["the provider's own marks", { __createBeforeDelete: true }, {}, []],
])("%s", (_, before, after, expected) => {
  expect(paths(before, after)).toEqual(expected);
});

test("elements of a keyed array are matched by key: order does not count, paths are the new positions", () => {
  const before = {
    list: [
      { name: "a", value: "1" },
      { name: "b", value: "2" },
      { name: "c", value: "3" },
    ],
  };
  const after = {
    list: [
      { name: "b", value: "9" },
      { name: "a", value: "1" },
      { name: "d", value: "4" },
    ],
  };
  const keyedArrays = { list: "name" };
  expect(paths(before, { list: before.list.toReversed() }, { keyedArrays })).toEqual([]);
  expect(paths(before, after, { keyedArrays })).toEqual([
    "update list[0].value",
    "add list[2]",
    "delete list[2]",
  ]);
});

test("an exception says what counts as the same", () => {
  const same = (path: string) => path === "location";
  expect(paths({ location: "West Europe", a: 1 }, { location: "westeurope", a: 2 }, { same })).toEqual([
    "update a",
  ]);
});
