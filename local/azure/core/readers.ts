/** What a member of a request's body may be: its type, and the values that ask for nothing. */
import { equalsIgnoringCase } from "./text.ts";

/** Gives the value of a member, undefined when it is not of the member's type; `type` is the error's word for that. */
export interface Reader<V> {
  type: string;
  take: (value: unknown) => V | undefined;
}

const ofType = <V>(type: string, is: (value: unknown) => boolean): Reader<V> => ({
  type,
  take: (value) => (is(value) ? (value as V) : undefined),
});

export const text = ofType<string>("a string", (value) => typeof value === "string");
export const flag = ofType<boolean>("a boolean", (value) => typeof value === "boolean");
export const texts = ofType<string[]>(
  "an array of strings",
  (value) => Array.isArray(value) && value.every((entry) => typeof entry === "string"),
);
/** For what another place checks. */
export const anything = ofType<unknown>("anything", () => true);
export const oneOf = (...values: string[]): Reader<string> =>
  ofType(`one of ${values.join(", ")}`, (value) => values.includes(value as string));
export const integer = (least: number, most = Number.MAX_SAFE_INTEGER): Reader<number> =>
  ofType(
    `an integer from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ""}`,
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  );

/** Whether a value is one of these, texts in any case. */
export const is =
  (...values: unknown[]) =>
  (value: unknown): boolean =>
    values.some((one) =>
      typeof one === "string" && typeof value === "string" ? equalsIgnoringCase(one, value) : one === value,
    );
