import {
  apart,
  constantFrom,
  dimsOf,
  fromFront,
  inputOf,
  integer,
  integers,
  type Rule,
  rowsFirst,
} from "./call.ts";
import { isRows, Mixes, tensor, type Value } from "./value.ts";

/** Operators that work along an axis, or several: not along that of the rows. */

function without(value: Value, axes: readonly number[], keep: boolean): Value {
  const dims = dimsOf(value);
  const gone = axes.map((axis) => fromFront(axis, dims.length));
  for (const axis of gone) apart(dims, axis);
  return tensor(
    keep
      ? dims.map((dim, axis) => (gone.includes(axis) ? 1 : dim))
      : dims.filter((_, axis) => !gone.includes(axis)),
  );
}

const all = (value: Value) => dimsOf(value).map((_, axis) => axis);

const reduce: Rule = (call) => {
  const value = inputOf(call, 0);
  let axes = integers(call, "axes", 1);
  if (!axes?.length) axes = integer(call, "noop_with_empty_axes", 0) ? [] : all(value);
  return [without(value, axes, integer(call, "keepdims", 1) === 1)];
};

const argument: Rule = (call) => [
  without(inputOf(call, 0), [integer(call, "axis", 0)], integer(call, "keepdims", 1) === 1),
];

/** As it came, worked on along one axis. */
const along =
  (fallback: number): Rule =>
  (call) => {
    const value = inputOf(call, 0);
    apart(dimsOf(value), integer(call, "axis", fallback));
    return [{ dims: value.dims }];
  };

/** Before version 13 all axes from one on are one. */
const softmax: Rule = (call) => (call.version < 13 ? fromAxis(1)(call) : along(-1)(call));

/** Works along all axes from one on. */
const fromAxis =
  (fallback: number): Rule =>
  (call) => {
    constantFrom(call, 1);
    const { dims } = inputOf(call, 0);
    const known = dimsOf({ dims });
    const first = fromFront(integer(call, "axis", fallback), known.length);
    if (known.slice(first).some(isRows)) throw new Mixes("it works along the rows");
    const statistics = tensor(known.map((dim, axis) => (axis < first ? dim : 1)));
    return [{ dims }, statistics, statistics];
  };

const cumulate: Rule = (call) => {
  const value = inputOf(call, 0);
  const [axis] = integers(call, "axis", 1) ?? [];
  apart(dimsOf(value), axis ?? 0);
  return [{ dims: value.dims }];
};

const top: Rule = (call) => {
  const dims = dimsOf(inputOf(call, 0));
  const axis = fromFront(integer(call, "axis", -1), dims.length);
  apart(dims, axis);
  const entry = call.inputs[1]?.entries?.[0];
  const count = typeof entry === "number" ? entry : call.node.attributes.get("k")?.integer;
  constantFrom(call, 1);
  const result = tensor(dims.map((dim, index) => (index === axis ? count : dim)));
  return [result, result];
};

/** In training it computes mean and variance of the run. Before version 14 further outputs are how it is told to. */
const batchNormalize: Rule = (call) => {
  const training =
    call.version < 14
      ? call.node.outputs.filter((name) => name !== "").length > 1
      : integer(call, "training_mode", 0) === 1;
  if (training || call.version < 7) throw new Mixes("it is in training mode");
  return rowsAlone()(call);
};

/** Rows come first, and each is worked on alone. @param axesUnknown whether the sizes of other axes change. */
export const rowsAlone =
  (axesUnknown = false): Rule =>
  (call) => {
    constantFrom(call, 1);
    const dims = rowsFirst(inputOf(call, 0));
    return call.node.outputs.map(() =>
      tensor(axesUnknown ? dims.map((dim, axis) => (axis === 0 ? dim : undefined)) : dims),
    );
  };

const meanVariance: Rule = (call) => {
  const value = inputOf(call, 0);
  without(value, integers(call, "axes", 1) ?? [0, 2, 3], true);
  return [{ dims: value.dims }];
};

const REDUCTIONS = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"];

export const alongAxes: Record<string, Rule> = {
  ...Object.fromEntries(REDUCTIONS.map((name) => [`Reduce${name}`, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  BatchNormalization: batchNormalize,
  CumSum: cumulate,
  GroupNormalization: rowsAlone(),
  Hardmax: softmax,
  InstanceNormalization: rowsAlone(),
  LRN: rowsAlone(),
  LayerNormalization: fromAxis(-1),
  LogSoftmax: softmax,
  LpNormalization: along(-1),
  MeanVarianceNormalization: meanVariance,
  RMSNormalization: fromAxis(-1),
  Softmax: softmax,
  TopK: top,
};
