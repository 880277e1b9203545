import { PbfReader } from "pbf";

/**
 * What ONNX Runtime does not tell of an ONNX file. Numbers of fields are those of onnx.proto (https://github.com/onnx/onnx). Weights and
 * attributes' values stay in the file's bytes, unread until somebody asks: so a large file costs as little as a small one.
 * By pbf, Mapbox's reader: typed, lazy, 25 KB, and in need of no generated code for a few fields of a large format.
 */
export interface Graph {
  nodes: Node[];
  initializers: Initializer[];
  inputs: string[];
  outputs: string[];
}

export interface ModelFile extends Graph {
  /** Version of each operator set; "" is ONNX's own. */
  operatorSets: Map<string, number>;
  /** Operators that the file defines itself, as `keyOf` writes them. */
  functions: Set<string>;
  metadata: Map<string, string>;
}

export interface Node {
  name: string;
  operator: string;
  /** "" is ONNX's own. */
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
}

/** An operator's name with its domain, if that is not ONNX's own. */
export const keyOf = ({ domain, operator }: Pick<Node, "domain" | "operator">): string =>
  domain === "" ? operator : `${domain}.${operator}`;

/** A constant of the graph; of its values only integers are read, where somebody asks. */
export class Initializer {
  name = "";
  shape: number[] = [];
  /** TensorProto.DataType: 1 is float32. */
  type = 0;
  /** Values as the fields int32_data and int64_data have them: packed, or one by one. */
  packed: Uint8Array[] = [];
  listed: number[] = [];
  /** Values as the field raw_data has them. */
  raw: Uint8Array = new Uint8Array();

  /** Values of an int32 or int64 tensor of at most so many; undefined for others. */
  integers(most: number): number[] | undefined {
    const count = this.shape.reduce((product, size) => product * size, 1);
    if (count > most || (this.type !== 6 && this.type !== 7)) return undefined;
    const listed = this.packed.flatMap((bytes) => {
      const reader = new PbfReader(bytes);
      const found: number[] = [];
      while (reader.pos < reader.length) found.push(reader.readVarint(true));
      return found;
    });
    if (listed.length + this.listed.length === count) return [...listed, ...this.listed];
    const bytes = this.type === 6 ? 4 : 8;
    if (this.raw.length !== count * bytes) return undefined;
    const view = new DataView(this.raw.buffer, this.raw.byteOffset, this.raw.length);
    return Array.from({ length: count }, (_, i) =>
      bytes === 4 ? view.getInt32(4 * i, true) : Number(view.getBigInt64(8 * i, true)),
    );
  }
}

/** AttributeProto.AttributeType. */
const INTEGER = 2;

/** An attribute of a node; of the values it has the one that its operator asks for. Integers beyond 2^53 are rounded. */
export class Attribute {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Writers of protocol buffers' third version leave a zero out: then the type alone tells. */
  get integer(): number | undefined {
    const [type] = this.#all(20, (reader) => reader.readVarint());
    return this.#all(3, (reader) => reader.readVarint(true))[0] ?? (type === INTEGER ? 0 : undefined);
  }

  get text(): string | undefined {
    return this.#all(4, (reader) => reader.readString())[0];
  }

  /** Of Constant. */
  get tensor(): Initializer | undefined {
    return this.#all(5, readTensor)[0];
  }

  /** Of If, Loop and Scan. */
  get graph(): Graph | undefined {
    return this.#all(6, readGraph)[0];
  }

  get integers(): number[] {
    return this.#read<number[]>(
      [],
      (field, list, reader) => field === 8 && reader.readPackedVarint(list, true),
    );
  }

  get texts(): string[] {
    return this.#all(9, (reader) => reader.readString());
  }

  #read<T>(result: T, take: (field: number, result: T, reader: PbfReader) => unknown): T {
    return new PbfReader(this.#bytes).readFields(
      (field, into, reader) => void take(field, into, reader),
      result,
    );
  }

  #all<T>(wanted: number, read: (reader: PbfReader) => T): T[] {
    return this.#read<T[]>([], (field, found, reader) => field === wanted && found.push(read(reader)));
  }
}

/** Reads a file. @throws Error where it is not a protocol buffer. */
export function readModelFile(bytes: Uint8Array): ModelFile {
  const file: ModelFile = {
    ...emptyGraph(),
    operatorSets: new Map(),
    functions: new Set(),
    metadata: new Map(),
  };
  return new PbfReader(bytes).readFields((field, into, reader) => {
    if (field === 7) reader.readMessage(takeFromGraph, into);
    else if (field === 8) {
      const { domain, version } = reader.readMessage(takeFromOperatorSet, { domain: "", version: 0 });
      into.operatorSets.set(domain, version);
    } else if (field === 25) {
      into.functions.add(keyOf(reader.readMessage(takeFromFunction, { domain: "", operator: "" })));
    } else if (field === 14) {
      const { key, value } = reader.readMessage(takeFromEntry, { key: "", value: "" });
      into.metadata.set(key, value);
    }
  }, file);
}

const emptyGraph = (): Graph => ({ nodes: [], initializers: [], inputs: [], outputs: [] });
const readTensor = (reader: PbfReader) => reader.readMessage(takeFromTensor, new Initializer());
const readGraph = (reader: PbfReader) => reader.readMessage(takeFromGraph, emptyGraph());

// Each takes one field of a message; what it does not take, the reader skips without looking into it.

function takeFromGraph(field: number, graph: Graph, reader: PbfReader): void {
  if (field === 1) graph.nodes.push(reader.readMessage(takeFromNode, emptyNode()));
  else if (field === 5) graph.initializers.push(readTensor(reader));
  else if (field === 11) graph.inputs.push(readName(reader));
  else if (field === 12) graph.outputs.push(readName(reader));
}

const emptyNode = (): Node => ({
  name: "",
  operator: "",
  domain: "",
  inputs: [],
  outputs: [],
  attributes: new Map(),
});

function takeFromNode(field: number, node: Node, reader: PbfReader): void {
  if (field === 1) node.inputs.push(reader.readString());
  else if (field === 2) node.outputs.push(reader.readString());
  else if (field === 3) node.name = reader.readString();
  else if (field === 4) node.operator = reader.readString();
  else if (field === 7) node.domain = readDomain(reader);
  else if (field === 5) {
    const bytes = reader.readBytes();
    node.attributes.set(attributeName(new PbfReader(bytes)), new Attribute(bytes));
  }
}

function takeFromTensor(field: number, tensor: Initializer, reader: PbfReader): void {
  if (field === 1) reader.readPackedVarint(tensor.shape, true);
  else if (field === 2) tensor.type = reader.readVarint();
  else if (field === 5 || field === 7) {
    if (reader.type === 2) tensor.packed.push(reader.readBytes());
    else tensor.listed.push(reader.readVarint(true));
  } else if (field === 9) tensor.raw = reader.readBytes();
  else if (field === 8) tensor.name = reader.readString();
}

function takeFromOperatorSet(
  field: number,
  set: { domain: string; version: number },
  reader: PbfReader,
): void {
  if (field === 1) set.domain = readDomain(reader);
  else if (field === 2) set.version = reader.readVarint();
}

function takeFromFunction(
  field: number,
  found: { domain: string; operator: string },
  reader: PbfReader,
): void {
  if (field === 1) found.operator = reader.readString();
  else if (field === 10) found.domain = readDomain(reader);
}

/** ONNX's own has two names. */
function readDomain(reader: PbfReader): string {
  const domain = reader.readString();
  return domain === "ai.onnx" ? "" : domain;
}

function takeFromEntry(field: number, entry: { key: string; value: string }, reader: PbfReader): void {
  if (field === 1) entry.key = reader.readString();
  else if (field === 2) entry.value = reader.readString();
}

const takeName = (field: number, named: { name: string }, reader: PbfReader) => {
  if (field === 1) named.name = reader.readString();
};
const readName = (reader: PbfReader) => reader.readMessage(takeName, { name: "" }).name;

/** The name of an attribute: its first field, so that the values after it, of a tree ensemble all its trees, are not walked through. */
function attributeName(reader: PbfReader): string {
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) return reader.readString();
  }
  return "";
}
