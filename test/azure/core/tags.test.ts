import { expect, it } from "vitest";
import { tagsOf } from "../../../local/azure/core/tags.ts";

it.each([
  [{}, undefined],
  [{ tags: null }, undefined],
  [{ tags: {} }, {}],
  [{ tags: { "a:b c.d-é": "<any> %value/" } }, { "a:b c.d-é": "<any> %value/" }],
])("of %j are %j", (body, tags) => {
  expect(tagsOf(body)).toEqual(tags);
});

it.each([
  ["InvalidRequestContent", "no object", []],
  ["InvalidRequestContent", "a number", { a: 1 }],
  ["InvalidRequestContent", "null", { a: null }],
  ["InvalidRequestContent", "one name twice, since case does not count", { Team: "a", team: "b" }],
  ["InvalidTagNameCharacters", "a slash", { "a/b": "" }],
  ["InvalidTagNameCharacters", "a control character", { "a\n": "" }],
  ["InvalidTagName", "no name", { "": "" }],
  ["InvalidTagName", "a long name", { ["n".repeat(513)]: "" }],
  ["InvalidTagValueLength", "a long value", { a: "v".repeat(257) }],
  ["InvalidTags", "many", Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`t${at}`, ""]))],
])("are refused (%s): %s", (code, _, tags) => {
  expect(() => tagsOf({ tags })).toThrow(expect.objectContaining({ status: 400, code }));
});
