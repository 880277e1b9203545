import { describe, expect, it } from "vitest";
import { parseContent as parse, parseQuery } from "../../../scoring-app/src/forms/content.ts";
import { parseJson, textOf } from "../../../scoring-app/src/forms/json.ts";

const parseContent = (type: string | undefined, body: Buffer) =>
  parse(type, body, (json) => parseJson(json, false));

describe("content", () => {
  const json = Buffer.from('{"a":1}');
  it.each([
    undefined,
    "",
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/json",
    "application/json; charset=utf-8",
    'Application/JSON;charset="UTF-8"',
    "text/json; charset=utf8",
    "application/vnd.x+json; charset=us-ascii",
    "application/json; boundary=x",
  ])("%s is JSON", (type) => expect(parseContent(type, json)).toEqual({ a: 1 }));

  it.each(["text/html", "application/jsonx", "multipart/form-data"])("%j is not served", (type) => {
    expect(() => parseContent(type, json)).toThrow(expect.objectContaining({ status: 415 }));
  });

  it("of another charset is not served", () => {
    for (const type of [
      "text/plain; charset=latin1",
      "application/json; charset=utf-16",
      "text/csv; charset=latin1",
    ]) {
      expect(() => parseContent(type, json)).toThrow(expect.objectContaining({ status: 415 }));
    }
  });

  it.each([
    ["text/plain", "{'a': 1}"],
    [undefined, "not JSON"],
    ["text/plain; charset=latin1", "caf\u00e9"],
    ["application/octet-stream", '{"a":1}'],
    ["text/html; charset=latin1", "<p>"],
    ["image/png", "\u0089PNG"],
  ])("%s that is not JSON is left to what reads others", (type, text) => {
    const body = Buffer.from(text, "latin1");
    const others = (bytes: Buffer) => ({ bytes });
    expect(parse(type, body, (bytes) => parseJson(bytes, false), others)).toEqual({ bytes: body });
  });

  it("an empty body, or one that says that it is JSON, is not", () => {
    for (const [type, body] of [
      [undefined, ""],
      ["text/plain", ""],
      ["application/json", "{"],
    ] as const) {
      const read = () =>
        parse(
          type,
          Buffer.from(body),
          (bytes) => parseJson(bytes, false),
          () => 1,
        );
      expect(read).toThrow(expect.objectContaining({ status: 400 }));
    }
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
