/** What ONNX Runtime does not tell of an ONNX file, read from its protocol buffers. */

interface Field {
  number: number;
  /** An integer (also of a packed list, then as bytes), or the bytes of a message, a text or a list. */
  value: bigint | Buffer;
}

/** A variable-length integer and where it ends. */
function varint(bytes: Buffer, from: number): [value: bigint, end: number] {
  let value = 0n;
  for (let at = from, shift = 0n; at < bytes.length; at++, shift += 7n) {
    value |= BigInt(bytes[at]! & 0x7f) << shift;
    if (bytes[at]! < 0x80) return [BigInt.asIntN(64, value), at + 1];
  }
  throw new Error("not a protocol buffer: it ends within an integer");
}

/** The fields of a message, in order. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, start] = varint(bytes, at);
    const number = Number(tag >> 3n);
    const wire = Number(tag & 7n);
    if (wire === 0) {
      const [value, end] = varint(bytes, start);
      fields.push({ number, value });
      at = end;
    } else if (wire === 2) {
      const [length, from] = varint(bytes, start);
      at = from + Number(length);
      fields.push({ number, value: bytes.subarray(from, at) });
    } else if (wire === 1 || wire === 5) at = start + (wire === 1 ? 8 : 4);
    else throw new Error(`not a protocol buffer: wire type ${wire}`);
  }
  return fields;
}

const part = (bytes: Buffer, number: number) =>
  fieldsOf(bytes).flatMap((field) =>
    field.number === number && typeof field.value !== "bigint" ? [field.value] : [],
  );
const textOf = (bytes: Buffer, number: number) => part(bytes, number)[0]?.toString("utf8") ?? "";

// Numbers of fields in onnx.proto.
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE = { operator: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, integers: 8, strings: 9 };

/** Nodes of the graph, each its message's bytes. */
function nodesOf(file: Buffer): Buffer[] {
  return part(file, MODEL_GRAPH).flatMap((graph) => part(graph, GRAPH_NODE));
}

/** Whether a classifier's probabilities are made dictionaries. */
export function hasZipMap(file: Buffer): boolean {
  return nodesOf(file).some((node) => textOf(node, NODE.operator) === "ZipMap");
}

/** The first category, of the columns that are one-hot encoded, of each encoder. */
export function firstCategories(file: Buffer): (string | number)[] {
  const found = new Set<string | number>();
  for (const node of nodesOf(file)) {
    if (textOf(node, NODE.operator) !== "OneHotEncoder") continue;
    for (const attribute of part(node, NODE.attribute)) {
      const name = textOf(attribute, ATTRIBUTE.name);
      if (name === "cats_strings") found.add(textOf(attribute, ATTRIBUTE.strings));
      if (name !== "cats_int64s") continue;
      const first = fieldsOf(attribute).find(({ number }) => number === ATTRIBUTE.integers)?.value;
      if (first !== undefined) found.add(Number(typeof first === "bigint" ? first : varint(first, 0)[0]));
    }
  }
  return [...found];
}
