import type { KnownValues } from "../runtime.ts";
import type { Attribute, Graph, Node } from "./graph.ts";

/** Categories of an encoder that are told at most. */
const MOST = 8;

/** Column of an input; all of its columns where it is undefined. */
interface Place {
  readonly input: string;
  readonly column: number | undefined;
}

/** Where the columns of a value come from. */
type Columns = readonly Place[];

/**
 * The categories of one-hot encoders, with the columns that these read. Columns are followed from the inputs on; an operator that moves
 * none is taken for one that leaves them where they are, since what is found here is tried before it is believed.
 * @param widths columns of each input; undefined where the file does not tell.
 */
export function categoriesOf(graph: Graph, widths: ReadonlyMap<string, number | undefined>): KnownValues[] {
  const constants = new Map<string, number[] | undefined>();
  for (const initializer of graph.initializers) constants.set(initializer.name, initializer.integers(65_536));
  const columns = new Map<string, Columns>();
  for (const [input, width] of widths) {
    const all = Array.from({ length: width ?? 0 }, (_, column) => ({ input, column }));
    columns.set(input, width === undefined ? [{ input, column: undefined }] : all);
  }
  const found: KnownValues[] = [];
  for (const node of graph.nodes) {
    if (node.operator === "Constant") {
      constants.set(node.outputs[0]!, node.attributes.get("value")?.tensor?.integers(65_536));
      continue;
    }
    const read = columns.get(node.inputs[0] ?? "");
    if (node.operator === "OneHotEncoder") {
      const values = [
        ...list(node.attributes.get("cats_strings"), "texts"),
        ...list(node.attributes.get("cats_int64s"), "integers"),
      ];
      found.push(...(read ?? [undefined]).map((place) => ({ ...place, values: values.slice(0, MOST) })));
      continue;
    }
    for (const [index, output] of node.outputs.entries()) {
      const moved = moveColumns(node, index, columns, constants);
      if (moved) columns.set(output, moved);
    }
  }
  return found;
}

function list(attribute: Attribute | undefined, kind: "texts" | "integers"): (string | number)[] {
  return attribute?.[kind] ?? [];
}

function moveColumns(
  { operator, inputs, attributes }: Node,
  output: number,
  columns: ReadonlyMap<string, Columns>,
  constants: ReadonlyMap<string, number[] | undefined>,
): Columns | undefined {
  const all = inputs.flatMap((name) => columns.get(name) ?? []);
  const constant = (input: number, attribute?: string) =>
    constants.get(inputs[input] ?? "") ?? (attribute ? attributes.get(attribute)?.integers : undefined);
  const pick = (places: readonly number[] | undefined) =>
    places?.flatMap((column) => {
      const [first] = all;
      return first && first.column === undefined ? { input: first.input, column } : (all.at(column) ?? []);
    });
  switch (operator) {
    case "Concat":
    case "FeatureVectorizer":
      return all;
    case "ArrayFeatureExtractor":
      return pick(constant(1));
    case "Gather":
      return attributes.get("axis")?.integer ? pick(constant(1)) : all;
    case "Slice": {
      const [from = 0, to = 0] = [constant(1, "starts")?.at(-1), constant(2, "ends")?.at(-1)];
      return pick(range(from, Math.min(to, 65_536)));
    }
    case "Split": {
      const sizes = constant(1, "split");
      const from = sizes?.slice(0, output).reduce((sum, size) => sum + size, 0);
      return from === undefined ? pick([output]) : pick(range(from, from + sizes![output]!));
    }
    default:
      return columns.get(inputs.find((name) => columns.has(name)) ?? "");
  }
}

const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
