import { PbfWriter } from "../../scoring-app/node_modules/pbf/index.js";

/** TensorProto.DataType. */
const TYPES = { float32: 1, int64: 7, string: 8, bool: 9, float64: 11 };
type Type = keyof typeof TYPES;

/** A tensor by its dimensions; a name where a dimension varies. */
export interface Declared {
  shape: (number | string)[];
  type?: Type;
  /** A list of dictionaries with keys of this type instead, as ZipMap gives. */
  map?: Type;
}

/** Constants of a graph: floats unless told otherwise. */
export interface Constant {
  shape: number[];
  values: number[];
  type?: "float32" | "int64";
}

export type AttributeValue =
  | number
  | string
  | number[]
  | string[]
  | { float: number }
  | { floats: number[] }
  | { zero: "left out" }
  | { tensor: Constant }
  | GraphText;

/** Operator (after its domain and a colon, where it is not ONNX's own), inputs, outputs, attributes. */
export type NodeText = [
  operator: string,
  inputs: string,
  outputs: string,
  attributes?: Record<string, AttributeValue>,
];

/** A graph as short as a test can say it. */
export interface GraphText {
  inputs?: Record<string, Declared>;
  /** Undefined: an output whose type ONNX Runtime has to find. */
  outputs: Record<string, Declared | undefined>;
  constants?: Record<string, Constant>;
  /** What the file says of the types of other values. */
  values?: Record<string, Declared>;
  nodes: NodeText[];
  /** Version of ONNX's own operators. */
  version?: number;
}

type Write = (into: PbfWriter) => void;
export const message = (into: PbfWriter, field: number, write: Write) =>
  into.writeMessage(field, (_, inner) => write(inner), null);

const names = (list: string) => list.split(",").filter((name) => name !== "");

function writeTensor(tensor: PbfWriter, { shape, values, type = "float32" }: Constant, name = ""): void {
  tensor.writePackedVarint(1, shape);
  tensor.writeVarintField(2, TYPES[type]);
  if (name) tensor.writeStringField(8, name);
  const data = type === "float32" ? Float32Array.from(values) : BigInt64Array.from(values.map(BigInt));
  tensor.writeBytesField(9, new Uint8Array(data.buffer));
}

function writeDeclared(value: PbfWriter, name: string, declared: Declared | undefined): void {
  value.writeStringField(1, name);
  if (!declared) return;
  const { map } = declared;
  if (map) {
    message(value, 2, (type) =>
      message(type, 4, (sequence) =>
        message(sequence, 1, (element) =>
          message(element, 5, (dictionary) => {
            dictionary.writeVarintField(1, TYPES[map]);
            message(dictionary, 2, (cell) => message(cell, 1, (tensor) => tensor.writeVarintField(1, 1)));
          }),
        ),
      ),
    );
    return;
  }
  message(value, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.writeVarintField(1, TYPES[declared.type ?? "float32"]);
      message(tensor, 2, (shape) => {
        for (const size of declared.shape) {
          message(shape, 1, (dimension) => {
            if (typeof size === "number") dimension.writeVarintField(1, size);
            else dimension.writeStringField(2, size);
          });
        }
      });
    }),
  );
}

function writeAttribute(attribute: PbfWriter, name: string, value: AttributeValue): void {
  attribute.writeStringField(1, name);
  const typed = (type: number) => attribute.writeVarintField(20, type);
  if (typeof value === "number") {
    attribute.writeVarintField(3, value);
    typed(2);
  } else if (typeof value === "string") {
    attribute.writeStringField(4, value);
    typed(3);
  } else if (Array.isArray(value) && typeof value[0] === "string") {
    for (const text of value) attribute.writeStringField(9, text as string);
    typed(8);
  } else if (Array.isArray(value)) {
    for (const number of value) attribute.writeVarintField(8, number as number);
    typed(7);
  } else if ("float" in value) {
    attribute.writeFloatField(2, value.float);
    typed(1);
  } else if ("floats" in value) {
    for (const number of value.floats) attribute.writeFloatField(7, number);
    typed(6);
  } else if ("zero" in value) {
    // As protocol buffers of the third version write the integer 0.
    typed(2);
  } else if ("tensor" in value) {
    message(attribute, 5, (tensor) => writeTensor(tensor, value.tensor));
    typed(4);
  } else {
    message(attribute, 6, (graph) => writeGraph(graph, value));
    typed(5);
  }
}

function writeGraph(
  graph: PbfWriter,
  { inputs = {}, outputs, constants = {}, values = {}, nodes }: GraphText,
): void {
  for (const [index, [operator, from, to, attributes = {}]] of nodes.entries()) {
    message(graph, 1, (node) => {
      // An optional input that is left out is an empty name between two commas.
      for (const name of from === "" ? [] : from.split(",")) node.writeStringField(1, name);
      for (const name of names(to)) node.writeStringField(2, name);
      node.writeStringField(3, `n${index}`);
      const [domain, own] = operator.includes(":") ? operator.split(":") : ["", operator];
      node.writeStringField(4, own!);
      for (const [name, value] of Object.entries(attributes)) {
        message(node, 5, (attribute) => writeAttribute(attribute, name, value));
      }
      if (domain) node.writeStringField(7, domain);
    });
  }
  graph.writeStringField(2, "graph");
  for (const [name, constant] of Object.entries(constants)) {
    message(graph, 5, (tensor) => writeTensor(tensor, constant, name));
  }
  for (const [name, declared] of Object.entries(inputs)) {
    message(graph, 11, (value) => writeDeclared(value, name, declared));
  }
  for (const [name, declared] of Object.entries(values)) {
    message(graph, 13, (value) => writeDeclared(value, name, declared));
  }
  for (const [name, declared] of Object.entries(outputs)) {
    message(graph, 12, (value) => writeDeclared(value, name, declared));
  }
}

/** Bytes of an ONNX file. */
export function onnxModel(graph: GraphText): Uint8Array {
  const writer = new PbfWriter();
  writer.writeVarintField(1, 8);
  message(writer, 7, (into) => writeGraph(into, graph));
  for (const [domain, version] of [
    ["", graph.version ?? 17],
    ["ai.onnx.ml", 3],
    ["com.microsoft", 1],
  ] as const) {
    message(writer, 8, (set) => {
      set.writeStringField(1, domain);
      set.writeVarintField(2, version);
    });
  }
  return writer.finish();
}
