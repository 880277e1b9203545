import { keyOf } from "../graph.ts";
import { type Call, fromFront, integer } from "./call.ts";
import { type Dim, isRows, type Value } from "./value.ts";

/** Longest list of integers that is followed. */
export const MOST_ENTRIES = 64;

type Entries = readonly Dim[];
type Calculation = (call: Call, inputs: readonly Entries[]) => Entries | undefined;

/** Lists are as long as each other, or one has a single entry. */
const pairwise =
  (combine: (a: Dim, b: Dim) => Dim): Calculation =>
  (_, [a, b]) =>
    a && b && (a.length === b.length || a.length === 1 || b.length === 1)
      ? Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
          combine(a.length === 1 ? a[0] : a[i], b.length === 1 ? b[0] : b[i]),
        )
      : undefined;

const numbers = (combine: (a: number, b: number) => number) =>
  pairwise((a, b) => (typeof a === "number" && typeof b === "number" ? combine(a, b) : undefined));

/** Several rows' cells one after the other: the product is a length again. */
const multiply = pairwise((a, b) => {
  if (isRows(a)) [a, b] = [b, a];
  if (typeof a !== "number") return undefined;
  if (typeof b === "number") return a * b;
  return b && b.inner !== undefined ? { outer: b.outer, inner: a * b.inner } : undefined;
});

/** There is no other number that is never the number of rows. */
const equal = pairwise((a, b) => {
  if (typeof a === "number" && typeof b === "number") return a === b ? 1 : 0;
  const [rows, other] = isRows(a) ? [a, b] : [b, a];
  return isRows(rows) && typeof other === "number" && other < 0 ? 0 : undefined;
});

const asIs: Calculation = (_, [list]) => list;

const constant: Calculation = ({ node: { attributes } }) => {
  const one = attributes.get("value_int")?.integer;
  if (one !== undefined) return [one];
  return attributes.get("value_ints")?.integers ?? attributes.get("value")?.tensor?.integers(MOST_ENTRIES);
};

const gather: Calculation = (_, [list, places]) =>
  places?.every((place) => typeof place === "number")
    ? places.map((place) => list![fromFront(place, list!.length)])
    : undefined;

const slice: Calculation = ({ node: { attributes } }, [list, ...given]) => {
  const number = (index: number, name: string) => given[index]?.[0] ?? attributes.get(name)?.integers[0];
  const [start, end, step] = [number(0, "starts"), number(1, "ends"), given[3]?.[0] ?? 1];
  if (typeof start !== "number" || typeof end !== "number" || step !== 1) return undefined;
  return list?.slice(start, end);
};

const choose: Calculation = (_, [condition, yes, no]) => {
  if (condition?.length !== yes?.length || condition?.length !== no?.length) return undefined;
  return condition?.map((entry, i) => (entry === undefined ? undefined : entry === 0 ? no![i] : yes![i]));
};

const fill: Calculation = ({ node: { attributes } }, [shape]) => {
  const count = shape?.reduce<number | undefined>(
    (all, size) => (typeof size === "number" && all !== undefined ? all * size : undefined),
    1,
  );
  const value = attributes.get("value")?.tensor;
  if (count === undefined || count > MOST_ENTRIES || (value && value.type !== 7 && value.type !== 6))
    return undefined;
  return new Array<number>(count).fill(value?.integers(1)?.[0] ?? 0);
};

/** Of integers only: 6 and 7 are int32 and int64. */
const cast: Calculation = (call, [list]) => ([6, 7].includes(integer(call, "to", 1)) ? list : undefined);

const CALCULATIONS = new Map<string, Calculation>(
  Object.entries({
    Add: numbers((a, b) => a + b),
    Cast: cast,
    Concat: (_, lists) => lists.flat(),
    Constant: constant,
    ConstantOfShape: fill,
    Div: numbers((a, b) => Math.trunc(a / b)),
    Equal: equal,
    Gather: gather,
    Identity: asIs,
    Mul: multiply,
    ReduceProd: (call, [list]) =>
      list?.reduce<Entries | undefined>((all, entry) => all && multiply(call, [all, [entry]]), [1]),
    Reshape: asIs,
    Slice: slice,
    Squeeze: asIs,
    Sub: numbers((a, b) => a - b),
    Unsqueeze: asIs,
    Where: choose,
  }),
);

/** Of a list or a single number: in a table the calculations would pick and join other integers. */
const listOf = ({ dims, entries }: Value): Entries | undefined =>
  dims && dims.length > 1 ? undefined : entries;

/**
 * Integers that a node computes from integers: converters compute shapes so. Undefined where they are not known; an entry may not be
 * known, but is then no number of rows.
 */
export function calculate(call: Call): Entries | undefined {
  const calculation = CALCULATIONS.get(keyOf(call.node));
  const lists = call.inputs.map((value) => (value ? listOf(value) : []));
  if (!calculation || lists.some((list) => list === undefined)) return undefined;
  const counted = call.inputs.some((value) => value?.counts);
  const result = calculation(call, lists as Entries[]);
  if (!result || result.length > MOST_ENTRIES || (counted && result.includes(undefined))) return undefined;
  return result;
}
