/** JSON with what JSON.parse and JSON.stringify cannot give: integers of 64 bits, and NaN and infinities as Python writes them. */
import { randomUUID } from "node:crypto";

// Node 22 and newer have it; TypeScript's library does not yet.
const { rawJSON } = JSON as unknown as { rawJSON(digits: string): unknown };

/** Integers that a double cannot hold are written with all their digits. */
export function integer(value: bigint): unknown {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : rawJSON(String(value));
}

/** A value as JSON, with all digits of its BigInts; null for what JSON does not have. @throws TypeError of a cycle. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? integer(item) : item));
  }
}

/** As `jsonOf`, with NaN and infinities as Python reads them. */
export function pythonJsonOf(value: unknown): string {
  // No text of the value has it.
  const mark = randomUUID();
  const json = JSON.stringify(value, (_, item) => {
    if (typeof item === "bigint") return integer(item);
    return typeof item === "number" && !Number.isFinite(item) ? `${mark}${item}` : item;
  });
  return json.replaceAll(new RegExp(`"${mark}(NaN|-?Infinity)"`, "g"), "$1");
}

const BYTE_ORDER_MARK = "\ufeff";

/** Text of a file or body, without the mark that some editors and clients write first. */
export const withoutMark = (text: string): string =>
  text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;

/** What may be an integer that a double does not hold: digits that do not stand behind a point. */
const LONG = /[[,:\s-]\d{16}/;
const PYTHON = /NaN|Infinity/;

/**
 * Parses JSON, and NaN, Infinity and -Infinity in it as Python writes them. Bodies without any of these cost nothing more.
 * @param exact whether integers of 16 to 20 digits that a double does not hold become BigInts.
 * @throws SyntaxError of JSON.parse.
 */
export function parseText(text: string, exact: boolean): unknown {
  if (!exact || !LONG.test(text)) {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (!PYTHON.test(text)) throw error;
    }
  }
  let value: unknown;
  try {
    value = JSON.parse(withPlaceholders(text, exact));
  } catch {
    return JSON.parse(text);
  }
  return restored(value);
}

/**
 * An object with this key stands for what JSON.parse cannot give. A reviver would see the same, but is called for every value:
 * a body would keep the loop twenty times as long.
 */
const KEY = "\0";
const placeholder = (token: string) => `{"\\u0000":"${token}"}`;

const TOKENS = /NaN|-?Infinity/g;
const TOKENS_AND_INTEGERS = /NaN|-?Infinity|(?<![\w.+-])-?[1-9]\d{15,19}(?![\w.+-])/g;
const INTEGER = /^-?\d{16,20}$/;

/** The text with placeholders outside of its strings. */
function withPlaceholders(text: string, exact: boolean): string {
  const place = (token: string) => {
    if (token.endsWith("Infinity")) return ` ${token.replace("Infinity", "1e999")} `;
    const number = Number(token);
    return Number.isSafeInteger(number) ? token : placeholder(token);
  };
  let result = "";
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at);
    const end = quote === -1 ? text.length : quote;
    const between = text.slice(at, end);
    result += between.length < 3 ? between : between.replace(exact ? TOKENS_AND_INTEGERS : TOKENS, place);
    at = quote === -1 ? end : afterString(text, quote + 1);
    result += text.slice(end, at);
  }
  return result;
}

/** Where the string ends whose first character is here. */
function afterString(text: string, at: number): number {
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** The value with what its placeholders stand for. */
function restored(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const holder = value as Record<string, unknown>;
  const token = holder[KEY];
  if (token === "NaN") return Number.NaN;
  if (typeof token === "string" && INTEGER.test(token)) return BigInt(token);
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const item = holder[key];
    if (typeof item === "object") holder[key] = restored(item);
  }
  return value;
}
