import { describe, expect, it } from "vitest";
import { parseContent as parse, parseQuery } from "../../../scoring-app/src/forms/content.ts";
import { parseJson, textOf } from "../../../scoring-app/src/forms/json.ts";

const parseContent = (type: string | undefined, body: Buffer) =>
  parse(type, body, (json) => parseJson(json, false));

describe("content", () => {
  const json = Buffer.from('{"a":1}');
  it.each([
    undefined,
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "text/json; charset=utf8",
    "application/vnd.x+json; charset=us-ascii",
    "application/json; boundary=x",
  ])("%s is JSON", (type) => expect(parseContent(type, json)).toEqual({ a: 1 }));

  it.each(["", "text/plain", "application/jsonx", "multipart/form-data"])("%j is not served", (type) => {
    expect(() => parseContent(type, json)).toThrow(expect.objectContaining({ status: 415 }));
  });

  it("text is UTF-8", () => {
    expect(textOf(Buffer.from("Łódź"))).toBe("Łódź");
    expect(parseContent(undefined, Buffer.from('\ufeff{"a":1}'))).toEqual({ a: 1 });
    expect(() => textOf(Buffer.from([0xff]))).toThrow("the body is not UTF-8");
  });

  it("a query is an object: JSON where it parses, lists where repeated", () => {
    expect({ ...parseQuery("a=1&b=[1,2]&c=x&d=null&e=1&e=y&__proto__=1", false) }).toEqual({
      a: 1,
      b: [1, 2],
      c: "x",
      d: null,
      e: [1, "y"],
      ["__proto__"]: 1,
    });
  });
});
