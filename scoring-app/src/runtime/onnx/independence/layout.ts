import {
  apart,
  type Call,
  constantFrom,
  dimsOf,
  fromFront,
  inputOf,
  integer,
  integers,
  type Rule,
} from "./call.ts";
import {
  broadcast,
  type Dim,
  isRows,
  Mixes,
  merged,
  type Rows,
  reshaped,
  rowAxis,
  type Size,
  tensor,
} from "./value.ts";

/** Operators that move cells. */

/** The shape that an input asks for. */
function shapeOf(call: Call, index: number): readonly Dim[] {
  const entries = call.inputs[index]?.entries ?? call.node.attributes.get("shape")?.integers;
  if (!entries) throw new Mixes("its shape is not known");
  return entries;
}

const reshape: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const copies = integer(call, "allowzero", 0) === 0;
  const target = shapeOf(call, 1).map((entry, axis) => {
    if (entry === -1) return "rest" as const;
    return entry === 0 && copies ? dims[axis] : entry;
  });
  return [tensor(reshaped(dims, target))];
};

const flatten: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const axis = fromFront(integer(call, "axis", 1), dims.length);
  return [{ ...inputOf(call, 0), dims: [merged(dims.slice(0, axis)), merged(dims.slice(axis))] }];
};

const transpose: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const order = call.node.attributes.get("perm")?.integers ?? [...dims.keys()].reverse();
  return [tensor(order.map((axis) => dims[axis]))];
};

const squeeze: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const axes = integers(call, "axes", 1)?.map((axis) => fromFront(axis, dims.length));
  if (!axes) {
    // With one row that axis would go, too.
    if (dims.some((dim) => dim === undefined || isRows(dim))) throw new Mixes("its axes are not given");
    return [tensor(dims.filter((dim) => dim !== 1))];
  }
  for (const axis of axes) apart(dims, axis);
  return [tensor(dims.filter((_, axis) => !axes.includes(axis)))];
};

const unsqueeze: Rule = (call) => {
  const dims = [...dimsOf(inputOf(call, 0))];
  const axes = integers(call, "axes", 1) ?? [];
  const rank = dims.length + axes.length;
  for (const axis of axes.map((axis) => fromFront(axis, rank)).sort((a, b) => a - b)) dims.splice(axis, 0, 1);
  return [tensor(dims)];
};

const concat: Rule = (call) => {
  const all = call.inputs.flatMap((value) => (value ? [dimsOf(value)] : []));
  const rank = all[0]!.length;
  const axis = fromFront(integer(call, "axis", 1), rank);
  const joined = all.map((dims) => dims[axis]);
  const others = all.map((dims) => dims.map((dim, index) => (index === axis ? 1 : dim)));
  const dims = others.reduce((one, other) =>
    one.map((dim, index) => {
      if (isRows(dim) !== isRows(other[index])) throw new Mixes("rows stand beside other values");
      return broadcast([[dim], [other[index]]])[0];
    }),
  );
  dims[axis] = joined.some(isRows) ? blocks(joined) : sum(joined as Size[]);
  return [tensor(dims)];
};

const sum = (sizes: Size[]): Size =>
  sizes.reduce((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0);

/** All rows once, then all rows again. */
function blocks(dims: Dim[]): Rows {
  const rows = dims.filter(isRows);
  const { inner } = rows[0]!;
  if (rows.length < dims.length || inner === undefined || rows.some((dim) => dim.inner !== inner)) {
    throw new Mixes("it puts other values between the rows");
  }
  return { outer: sum(rows.map(({ outer }) => outer)), inner };
}

const split: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const axis = fromFront(integer(call, "axis", 0), dims.length);
  apart(dims, axis);
  const sizes = integers(call, "split", 1);
  return call.node.outputs.map((_, part) =>
    tensor(dims.map((dim, index) => (index === axis ? sizes?.[part] : dim))),
  );
};

const FAR = 2 ** 31 - 1;

const slice: Rule = (call) => {
  const dims = [...dimsOf(inputOf(call, 0))];
  const starts = integers(call, "starts", 1) ?? [];
  const ends = integers(call, "ends", 2) ?? [];
  const axes = integers(call, "axes", 3) ?? [...starts.keys()];
  const steps = integers(call, "steps", 4) ?? [];
  for (const [i, given] of axes.entries()) {
    const axis = fromFront(given, dims.length);
    const [start, end, step] = [starts[i]!, ends[i]!, steps[i] ?? 1];
    if (start === 0 && end >= FAR && step === 1) continue;
    apart(dims, axis);
    const size = dims[axis] as Size;
    dims[axis] = size === undefined ? undefined : sliced(size, start, end, step);
  }
  return [tensor(dims)];
};

function sliced(size: number, start: number, end: number, step: number): number {
  const clamp = (at: number, least: number, most: number) =>
    Math.min(most, Math.max(least, at < 0 ? at + size : at));
  const [from, to] =
    step > 0
      ? [clamp(start, 0, size), clamp(end, 0, size)]
      : [clamp(start, 0, size - 1), end < -size ? -1 : clamp(end, -1, size - 1)];
  return Math.max(0, Math.ceil((to - from) / step));
}

const gather: Rule = (call) => {
  const from = dimsOf(inputOf(call, 0));
  const axis = fromFront(integer(call, "axis", 0), from.length);
  apart(from, axis);
  return [tensor([...from.slice(0, axis), ...dimsOf(inputOf(call, 1)), ...from.slice(axis + 1)])];
};

/** Each cell of the result is taken from its own place on all axes but one. */
const gatherElements: Rule = (call) => {
  const [from, places] = [dimsOf(inputOf(call, 0)), dimsOf(inputOf(call, 1))];
  const axis = fromFront(integer(call, "axis", 0), from.length);
  apart(from, axis);
  const row = rowAxis({ dims: places });
  if (row !== axis || rowAxis({ dims: from }) !== -1) {
    const rows = [from[row === -1 ? 0 : row], places[row]];
    if (row === -1 || !rows.every(isRows)) throw new Mixes("it picks by the place of the row");
    broadcast(rows.map((dim) => [dim]));
  }
  return [tensor(places)];
};

const expand: Rule = (call) => [tensor(broadcast([dimsOf(inputOf(call, 0)), shapeOf(call, 1)]))];

const fill: Rule = (call) => [tensor(shapeOf(call, 0))];

const tile: Rule = (call) => {
  const times = integers(call, "repeats", 1) ?? [];
  return [
    tensor(
      dimsOf(inputOf(call, 0)).map((dim, axis) => {
        if (times[axis] === 1) return dim;
        if (isRows(dim)) throw new Mixes("it repeats the rows");
        return dim === undefined ? undefined : dim * times[axis]!;
      }),
    ),
  ];
};

const pad: Rule = (call) => {
  constantFrom(call, 1);
  const dims = dimsOf(inputOf(call, 0));
  const pads = integers(call, "pads", 1) ?? [];
  if (call.inputs[3]) throw new Mixes("its axes are given");
  return [
    tensor(
      dims.map((dim, axis) => {
        const added = pads[axis]! + pads[axis + dims.length]!;
        if (!isRows(dim)) return dim === undefined ? undefined : dim + added;
        if (pads[axis] !== 0 || added !== 0) throw new Mixes("it adds rows");
        return dim;
      }),
    ),
  ];
};

const oneHot: Rule = (call) => {
  constantFrom(call, 1);
  const dims = [...dimsOf(inputOf(call, 0))];
  const depth = call.inputs[1]?.entries?.[0];
  dims.splice(fromFront(integer(call, "axis", -1), dims.length + 1), 0, depth);
  return [tensor(dims)];
};

const triangle: Rule = (call) => {
  const { dims } = inputOf(call, 0);
  for (const axis of [-1, -2]) apart(dims ?? [], axis);
  constantFrom(call, 1);
  return [{ dims }];
};

const constant: Rule = ({ node: { attributes } }) => {
  const tensor = attributes.get("value")?.tensor;
  if (tensor) return [{ dims: tensor.shape }];
  const list = attributes.get("value_ints")?.integers ?? attributes.get("value_strings")?.texts;
  if (list) return [{ dims: [list.length] }];
  if (attributes.has("value_floats")) return [{ dims: [undefined] }];
  const single = ["value_int", "value_float", "value_string"].some((name) => attributes.has(name));
  return [single ? { dims: [] } : {}];
};

const shape: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const entries = dims.slice(integer(call, "start", 0), integer(call, "end", dims.length));
  return [{ dims: [entries.length], entries, counts: entries.some(isRows) }];
};

const size: Rule = (call) => {
  const entry = merged(dimsOf(inputOf(call, 0)));
  return [{ dims: [], entries: [entry], counts: isRows(entry) }];
};

export const layout: Record<string, Rule> = {
  Concat: concat,
  Constant: constant,
  ConstantOfShape: fill,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: gatherElements,
  OneHot: oneHot,
  Pad: pad,
  Reshape: reshape,
  Shape: shape,
  Size: size,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: triangle,
  Unsqueeze: unsqueeze,
};

/** Inputs that say how large the result is: they may depend on the number of rows. */
export const SHAPE_INPUTS: Record<string, number> = { Reshape: 1, Expand: 1, ConstantOfShape: 0 };
