import { apart, dimsOf, inputOf, integer, type Rule } from "./call.ts";
import { type Dim, hasRows, Mixes, tensor, type Value } from "./value.ts";

/** Operators with graphs of their own. */

const likeness = ({ dims = [], counts = false, padding }: Value) => JSON.stringify([dims, counts, padding]);

/** Both branches give the same, and nothing of the rows decides which. */
const either: Rule = (call) => {
  if (hasRows(inputOf(call, 0))) throw new Mixes("a row decides for all");
  const [yes, no] = [call.subgraph("then_branch", []), call.subgraph("else_branch", [])];
  return yes.map((value, index) => {
    const other = no[index];
    if (!other || likeness(value) !== likeness(other)) throw new Mixes("its branches differ");
    return { dims: value.dims, counts: value.counts, padding: value.padding };
  });
};

/** Goes along the first axis of constants, as skl2onnx computes distances to the rows that a model was trained with. */
const scan: Rule = (call) => {
  if (call.version < 9) throw new Mixes("before version 9 its rows are batches");
  const { attributes } = call.node;
  const scanned = integer(call, "num_scan_inputs", 0);
  for (const name of ["scan_input_axes", "scan_output_axes"]) {
    if (attributes.get(name)?.integers.some((axis) => axis !== 0)) throw new Mixes(`it has ${name}`);
  }
  const values = call.inputs.map((_, index) => inputOf(call, index));
  const states = values.slice(0, values.length - scanned);
  const lists = values.slice(states.length).map(dimsOf);
  for (const dims of lists) apart(dims, 0);
  // The integers that a state holds change from turn to turn.
  const begun = states.map(({ entries: _, ...state }) => state);
  const results = call.subgraph("body", [...begun, ...lists.map((dims) => tensor(dims.slice(1)))]);
  for (const [index, state] of states.entries()) {
    if (likeness(state) !== likeness(results[index]!)) throw new Mixes("its state changes shape");
  }
  if (results.some(({ counts, padding }) => counts || padding !== undefined)) {
    throw new Mixes("its body tells the number of rows or the longest of them");
  }
  const count = lists[0]?.[0] as Exclude<Dim, object>;
  return results.map((value, index) =>
    index < states.length ? { dims: value.dims } : tensor([count, ...dimsOf(value)]),
  );
};

export const control: Record<string, Rule> = { If: either, Scan: scan };
