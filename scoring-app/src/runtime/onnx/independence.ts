import { messageOf } from "../../errors.ts";
import type { DeclaredTensor } from "../runtime.ts";
import { type Graph, keyOf, type ModelFile, type Node } from "./graph.ts";
import { alongAxes } from "./independence/along.ts";
import { calculate, MOST_ENTRIES } from "./independence/calculate.ts";
import type { Call, Rule } from "./independence/call.ts";
import { cells } from "./independence/cells.ts";
import { control } from "./independence/control.ts";
import { layout, SHAPE_INPUTS } from "./independence/layout.ts";
import { products } from "./independence/products.ts";
import { hasRows, isRows, Mixes, ROWS, tensor, type Value } from "./independence/value.ts";

/** How each operator that is known to keep rows apart does it; ONNX's own by name, others with their domain. */
const RULES = new Map<string, Rule>(
  [cells, alongAxes, layout, products, control].flatMap((rules) => Object.entries(rules)),
);

/** Operators through which padding passes as what it is. */
const PADDED = ["Flatten", "Identity", "TfIdfVectorizer"];

/** What is known of an output: which rows it depends on. */
export interface Dependence {
  /** Why a row may depend on the other rows of a run; undefined where it does not. */
  readonly mixes?: string;
  /** It depends on no input at all. */
  readonly constant: boolean;
}

type Scope = Map<string, Value | Mixes>;

/**
 * Whether the rows of a run influence each other, for each output by name. Told from the graph alone: each value is known by where the
 * rows are in it, and an operator that is not known to keep them apart counts as one that mixes them.
 */
export function dependences(
  file: ModelFile,
  inputs: readonly DeclaredTensor[],
  outputs: readonly string[],
): Map<string, Dependence> {
  const scope: Scope = new Map();
  for (const { name, shape } of inputs) {
    // A row's own dimensions are the same in every run.
    const own = shape.slice(1).map((size) => (typeof size === "number" ? size : undefined));
    scope.set(name, tensor([ROWS, ...own]));
  }
  walk(file, file, scope);
  return new Map(outputs.map((name) => [name, dependenceOf(scope.get(name))]));
}

function dependenceOf(value: Value | Mixes | undefined): Dependence {
  if (!value) return { mixes: "the output is not in the graph", constant: false };
  if (value instanceof Mixes) return { mixes: value.message, constant: false };
  const dims = value.dims ?? [];
  if (!hasRows(value)) {
    return value.counts
      ? { mixes: "the output depends on the number of rows", constant: false }
      : { constant: true };
  }
  // Labels of discriminant analysis lie across: [1, rows].
  const across = dims.length === 2 && dims[0] === 1;
  const rows = across ? dims[1] : dims[0];
  const whole = isRows(rows) && rows.outer === 1 && (!across || rows.inner === 1);
  if (whole && value.padding === undefined) return { constant: false };
  return { mixes: "the output has no row a row", constant: false };
}

function walk(file: ModelFile, graph: Graph, scope: Scope): void {
  for (const initializer of graph.initializers) {
    scope.set(initializer.name, { dims: initializer.shape, entries: initializer.integers(MOST_ENTRIES) });
  }
  for (const node of graph.nodes) {
    const results = resultsOf(file, node, scope);
    for (const [index, name] of node.outputs.entries()) {
      scope.set(
        name,
        results instanceof Mixes ? results : (results[index] ?? reasoned(node, "this output is not known")),
      );
    }
  }
}

const reasoned = ({ operator, name }: Node, reason: string) => new Mixes(`${operator} "${name}": ${reason}`);

function resultsOf(file: ModelFile, node: Node, scope: Scope): Value[] | Mixes {
  const given = node.inputs.map((name) =>
    name === "" ? undefined : (scope.get(name) ?? new Mixes(`"${name}" is not known`)),
  );
  const mixed = given.find((value) => value instanceof Mixes);
  if (mixed) return mixed;
  const call: Call = {
    node,
    version: file.operatorSets.get(node.domain) ?? 0,
    inputs: given as (Value | undefined)[],
    subgraph: (attribute, inputs) => subgraph(file, node, attribute, inputs, scope),
  };
  try {
    const key = keyOf(node);
    return compute(call, file.functions.has(key) ? undefined : RULES.get(key));
  } catch (error) {
    // Whatever an odd node holds, e.g. an axis that is not there: what is not understood is not known to keep rows apart.
    return reasoned(node, messageOf(error));
  }
}

/** @param rule undefined: the operator is not known. */
function compute(call: Call, rule: Rule | undefined): Value[] {
  const { node, inputs } = call;
  const entries = rule && calculate(call);
  const counts = inputs.flatMap((value, index) => (value?.counts ? [index] : []));
  const shapes = node.domain === "" ? SHAPE_INPUTS[node.operator] : undefined;
  if (entries) {
    const result = attempt(rule, call)?.[0];
    return [{ dims: result?.dims ?? [entries.length], entries, counts: entries.some(isRows) }];
  }
  if (counts.some((index) => index !== shapes)) throw new Mixes("it uses the number of rows");
  if (inputs.some((value) => value?.padding !== undefined) && !PADDED.includes(keyOf(node))) {
    throw new Mixes("it uses texts padded to the longest of the run");
  }
  const alone = counts.length === 0 && inputs.every((value) => !value || !hasRows(value));
  const within = () => [...node.attributes.values()].some(({ graph }) => graph);
  if (alone && !within()) return (rule && attempt(rule, call)) ?? node.outputs.map(() => ({}));
  if (!rule) throw new Mixes("it is not known to keep rows apart");
  return rule(call);
}

/** Of constants; where a rule does not apply to them, the result is constant nevertheless. */
function attempt(rule: Rule, call: Call): Value[] | undefined {
  try {
    return rule(call);
  } catch (error) {
    if (error instanceof Mixes) return undefined;
    throw error;
  }
}

function subgraph(
  file: ModelFile,
  { attributes }: Node,
  attribute: string,
  inputs: readonly Value[],
  outer: Scope,
): Value[] {
  const graph = attributes.get(attribute)?.graph;
  if (!graph) throw new Mixes(`it has no ${attribute}`);
  const scope: Scope = new Map(outer);
  for (const [index, name] of graph.inputs.entries()) {
    const value = inputs[index];
    if (value) scope.set(name, value);
  }
  walk(file, graph, scope);
  return graph.outputs.map((name) => {
    const value = scope.get(name) ?? new Mixes(`"${name}" is not known`);
    if (value instanceof Mixes) throw value;
    return value;
  });
}
