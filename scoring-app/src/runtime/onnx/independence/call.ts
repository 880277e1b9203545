import type { Node } from "../graph.ts";
import { type Dim, isRows, Mixes, rowAxis, type Value } from "./value.ts";

/** A node, and what is known of its inputs. */
export interface Call {
  readonly node: Node;
  /** Version of the operator set. */
  readonly version: number;
  /** Undefined where an optional input is left out. */
  readonly inputs: readonly (Value | undefined)[];
  /** What a subgraph of the node gives, if its own inputs are these. @throws Mixes */
  subgraph(attribute: string, inputs: readonly Value[]): Value[];
}

/** What an operator gives, one value an output. @throws Mixes where it does not keep rows apart. */
export type Rule = (call: Call) => Value[];

export function inputOf({ inputs }: Call, index: number): Value {
  const value = inputs[index];
  if (!value) throw new Mixes("an input is missing");
  return value;
}

export function dimsOf({ dims }: Value): readonly Dim[] {
  if (!dims) throw new Mixes("a constant of unknown shape meets rows");
  return dims;
}

export const integer = ({ node }: Call, name: string, fallback: number): number =>
  node.attributes.get(name)?.integer ?? fallback;

/** An axis as counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Integers of an attribute or, in later operator sets, of an input; undefined where neither is given. */
export function integers(call: Call, attribute: string, input: number): number[] | undefined {
  const given = call.node.attributes.get(attribute)?.integers;
  if (given) return given;
  const value = call.inputs[input];
  if (!value) return undefined;
  const { entries } = value;
  if (!entries?.every((entry) => typeof entry === "number"))
    throw new Mixes(`its ${attribute} are not constant`);
  return entries as number[];
}

/** @throws Mixes where inputs from this one on depend on rows, e.g. weights. */
export function constantFrom(call: Call, from: number): void {
  if (call.inputs.slice(from).some((value) => value && rowAxis(value) !== -1)) {
    throw new Mixes("its parameters depend on the rows");
  }
}

/** @throws Mixes where an operator works along the axis of the rows, or along none. */
export function apart(dims: readonly Dim[], axis: number): void {
  const place = fromFront(axis, dims.length);
  if (!(place >= 0 && place < dims.length))
    throw new Mixes(`it works along axis ${axis}, which is not there`);
  if (isRows(dims[place])) throw new Mixes("it works along the rows");
}

/** Dimensions of a table or more, with the rows first. @throws Mixes */
export function rowsFirst(value: Value, leastRank = 2): readonly Dim[] {
  const dims = dimsOf(value);
  if (dims.length < leastRank || dims.slice(1).some(isRows))
    throw new Mixes("the rows are not in the first dimension");
  return dims;
}
