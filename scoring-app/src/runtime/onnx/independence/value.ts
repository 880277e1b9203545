/** Thrown where an operator lets rows influence each other, or is not known to keep them apart. */
export class Mixes extends Error {}

/** Number of cells along an axis, the same in every run; undefined where it is not known. */
export type Size = number | undefined;

/** An axis that holds the rows of a run: cell (o · rows + row) · inner + i belongs to `row`. */
export interface Rows {
  readonly outer: Size;
  readonly inner: Size;
}

export type Dim = Size | Rows;

/** What is known of a tensor before any run. */
export interface Value {
  /** One at most holds the rows; where none does, the values depend on no row. Undefined: no rows, and nothing more is known. */
  readonly dims?: readonly Dim[];
  /** The integers that it holds, if they are few; an entry with rows is the number of rows, times a factor. */
  readonly entries?: readonly Dim[];
  /** Whether it depends on the number of rows. */
  readonly counts?: boolean;
  /** What fills rows up to the longest of the run, where something does. */
  readonly padding?: string;
}

export const ROWS: Rows = { outer: 1, inner: 1 };

export const isRows = (dim: Dim): dim is Rows => typeof dim === "object";

/** Axis of the rows, or -1. */
export const rowAxis = ({ dims = [] }: Value): number => dims.findIndex(isRows);

export const hasRows = (value: Value): boolean => rowAxis(value) !== -1;

/** @throws Mixes where two axes hold rows: each row meets each other. */
export function tensor(dims: readonly Dim[]): Value {
  if (dims.filter(isRows).length > 1) throw new Mixes("each row meets the others");
  return { dims };
}

const times = (a: Size, b: Size): Size => (a === undefined || b === undefined ? undefined : a * b);
const over = (a: Size, b: Size): Size =>
  a === undefined || b === undefined || a % b !== 0 ? undefined : a / b;

/** One axis of several, as a reshape to fewer dimensions makes it. */
export function merged(dims: readonly Dim[]): Dim {
  const axis = dims.findIndex(isRows);
  const product = (part: readonly Dim[]) => (part as Size[]).reduce(times, 1);
  if (axis === -1) return product(dims);
  const { outer, inner } = dims[axis] as Rows;
  return {
    outer: times(product(dims.slice(0, axis)), outer),
    inner: times(inner, product(dims.slice(axis + 1))),
  };
}

/** Whether two axes with rows have the same row at the same place, if they are as long as each other. */
const aligned = (a: Rows, b: Rows): boolean =>
  a.outer !== undefined && a.outer === b.outer && a.inner === b.inner;

function broadcastAxis(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1) return a;
  if (!isRows(a) && !isRows(b)) return a ?? b;
  if (isRows(a) && isRows(b) && aligned(a, b)) return a;
  throw new Mixes("rows meet other rows, or values in the order of the rows");
}

/** Dimensions of an element-wise operator's output. */
export function broadcast(all: readonly (readonly Dim[])[]): Dim[] {
  const rank = Math.max(0, ...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) =>
    all
      .map((dims): Dim => {
        const own = axis - rank + dims.length;
        return own < 0 ? 1 : dims[own];
      })
      .reduce(broadcastAxis),
  );
}

/** What a Reshape asks for; "rest" is its -1. */
export type Target = readonly (Dim | "rest")[];

/** Dimensions after a Reshape. @throws Mixes where a row's cells do not stay together. */
export function reshaped(dims: readonly Dim[], target: Target): Dim[] {
  const whole = merged(dims);
  const at = target.findIndex((dim) => dim !== "rest" && isRows(dim));
  const rest = target.indexOf("rest");
  const product = (part: Target) => merged(part.filter((dim) => dim !== "rest") as Dim[]) as Size;
  if (!isRows(whole)) {
    if (at !== -1) throw new Mixes("the number of rows shapes other values");
    return target.map((dim) => (dim === "rest" ? over(whole, product(target)) : dim));
  }
  if (at === -1 && rest === -1) throw new Mixes("the number of rows is fixed");
  const place = at === -1 ? rest : at;
  const own = at === -1 ? ROWS : (target[at] as Rows);
  const before = times(product(target.slice(0, place)), own.outer);
  const after = times(product(target.slice(place + 1)), own.inner);
  if (at === -1) {
    const outer = over(whole.outer, before);
    const inner = over(whole.inner, after);
    // One row alone has been reshaped so when the model scored its sample: what follows the rows can be divided.
    const known = whole.inner !== undefined && after !== undefined;
    if (outer === undefined || (known ? inner === undefined : outer !== 1)) throw new Mixes("rows are cut");
    return target.map((dim) => (dim === "rest" ? { outer, inner } : (dim as Dim)));
  }
  const left = rest !== -1 && rest < at ? undefined : before;
  const right = rest !== -1 && rest > at ? undefined : after;
  const fits = (a: Size, b: Size) => a !== undefined && a === b;
  if (!fits(left, whole.outer) && !fits(right, whole.inner)) throw new Mixes("rows are cut");
  const size = rest < at ? over(whole.outer, before) : over(whole.inner, after);
  return target.map((dim) => (dim === "rest" ? size : dim));
}
