import { rowsAlone } from "./along.ts";
import { apart, constantFrom, dimsOf, inputOf, integer, type Rule, rowsFirst } from "./call.ts";
import { broadcast, type Dim, hasRows, isRows, Mixes, tensor, type Value } from "./value.ts";

/** Dimensions of a matrix product. */
function product(a: readonly Dim[], b: readonly Dim[]): Value {
  if (a.length === 0 || b.length === 0) throw new Mixes("a factor has no dimensions");
  apart(a, -1);
  apart(b, b.length === 1 ? -1 : -2);
  const before = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return tensor([...before, ...(a.length > 1 ? [a.at(-2)] : []), ...(b.length > 1 ? [b.at(-1)] : [])]);
}

const multiply: Rule = (call) => {
  // Zero points and scales of a quantized product.
  constantFrom(call, 2);
  return [product(dimsOf(inputOf(call, 0)), dimsOf(inputOf(call, 1)))];
};

const gemm: Rule = (call) => {
  const side = (index: number, transposed: string) => {
    const dims = dimsOf(inputOf(call, index));
    return integer(call, transposed, 0) ? [...dims].reverse() : dims;
  };
  const { dims } = product(side(0, "transA"), side(1, "transB"));
  const added = call.inputs[2];
  return [tensor(added ? broadcast([dims!, dimsOf(added)]) : dims!)];
};

/** Scales are constant; a, its scale and zero point, b, its scale and zero point, the result's scale and zero point. */
const quantizedProduct: Rule = (call) => {
  for (const index of [1, 2, 4, 5, 6, 7]) {
    if (call.inputs[index] && hasRows(call.inputs[index])) throw new Mixes("its scale depends on the rows");
  }
  return [product(dimsOf(inputOf(call, 0)), dimsOf(inputOf(call, 3)))];
};

/** Distances of each row of one table to each of another. */
const distances: Rule = (call) => {
  const [a] = rowsFirst(inputOf(call, 0));
  const [b] = rowsFirst(inputOf(call, 1));
  return [tensor([a, b])];
};

/** The places of the largest, its second output, are counted through the whole run. */
const maxPool: Rule = (call) => {
  if (call.node.outputs.length > 1) throw new Mixes("it counts places through all rows");
  return rowsAlone(true)(call);
};

/** Rows are the second axis: sequences are the first. Initial states may have a row a row. */
const recurrent: Rule = (call) => {
  const { inputs, node } = call;
  if (integer(call, "layout", 0) !== 0) throw new Mixes("its layout is not the usual one");
  const [x, ...others] = inputs;
  const dims = x && dimsOf(x);
  if (dims?.length !== 3 || !isRows(dims[1])) throw new Mixes("the rows are not in the second dimension");
  for (const [index, value] of others.entries()) {
    if (!value || !hasRows(value)) continue;
    // 5 and 6 of all inputs are initial states.
    if (index < 4 || index > 5 || !isRows(value.dims![1]))
      throw new Mixes("its parameters depend on the rows");
    broadcast([[dims[1]], [value.dims![1]]]);
  }
  const state = tensor([undefined, dims[1], undefined]);
  return node.outputs.map((_, index) =>
    index === 0 ? tensor([dims[0], undefined, dims[1], undefined]) : state,
  );
};

export const products: Record<string, Rule> = {
  AveragePool: rowsAlone(true),
  Conv: rowsAlone(true),
  ConvInteger: rowsAlone(true),
  ConvTranspose: rowsAlone(true),
  GRU: recurrent,
  Gemm: gemm,
  GlobalAveragePool: rowsAlone(true),
  GlobalLpPool: rowsAlone(true),
  GlobalMaxPool: rowsAlone(true),
  LSTM: recurrent,
  LpPool: rowsAlone(true),
  MatMul: multiply,
  MatMulInteger: multiply,
  MaxPool: maxPool,
  QLinearConv: rowsAlone(true),
  QLinearMatMul: quantizedProduct,
  RNN: recurrent,
  "com.microsoft.CDist": distances,
};
