import { PbfReader, PbfWriter } from "pbf";
import { type ModelFile, type Node, readModelFile } from "./graph.ts";

const isZipMap = ({ operator }: { operator: string }) => operator === "ZipMap";

/**
 * Takes ZipMap out of a file: the operator that makes a dictionary of each row's probabilities, which skl2onnx adds unless told
 * otherwise and CatBoost always. It becomes an Identity, and outputs that were lists of dictionaries become float tensors. Both are shorter
 * than what they replace: the bytes are changed where they are, so that a large file is not copied.
 * @returns what the file tells now.
 */
export function takeOutZipMaps(bytes: Uint8Array): ModelFile {
  const graph = readModelFile(bytes);
  if (!graph.nodes.some(isZipMap)) return graph;
  const mapped = new Map<string, number>();
  for (const node of graph.nodes) {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    if (isZipMap(node)) mapped.set(to, classesOf(node));
    else if (node.operator === "Identity" && mapped.has(from)) mapped.set(to, mapped.get(from)!);
  }
  const model = new PbfReader(bytes);
  each(model, model.length, (field, end) => {
    if (field !== 7) return;
    each(model, end, (part, partEnd) => {
      const { pos } = model;
      if (part === 1) identify(bytes, pos, partEnd);
      // Outputs, and what is said of the types of other values.
      else if (part === 12 || part === 13) retype(bytes, pos, partEnd, mapped);
    });
  });
  return readModelFile(bytes);
}

const classesOf = ({ attributes }: Node) =>
  attributes.get("classlabels_strings")?.texts.length ||
  attributes.get("classlabels_int64s")?.integers.length ||
  0;

/** Goes through a message's fields that have a length, from the reader's position on. */
function each(reader: PbfReader, end: number, visit: (field: number, end: number) => void): void {
  while (reader.pos < end) {
    const tag = reader.readVarint();
    if ((tag & 7) !== 2) {
      reader.skip(tag);
      continue;
    }
    const fieldEnd = reader.readVarint() + reader.pos;
    visit(tag >> 3, fieldEnd);
    reader.pos = fieldEnd;
  }
}

/** Makes a node an Identity if it is a ZipMap. */
function identify(bytes: Uint8Array, start: number, end: number): void {
  const node = { name: "", operator: "", inputs: [] as string[], outputs: [] as string[] };
  const text = new TextDecoder();
  const reader = new PbfReader(bytes);
  reader.pos = start;
  each(reader, end, (field, fieldEnd) => {
    if (field > 4) return;
    const value = text.decode(bytes.subarray(reader.pos, fieldEnd));
    if (field === 1) node.inputs.push(value);
    else if (field === 2) node.outputs.push(value);
    else if (field === 3) node.name = value;
    else node.operator = value;
  });
  if (!isZipMap(node)) return;
  const writer = new PbfWriter();
  for (const name of node.inputs) writer.writeStringField(1, name);
  for (const name of node.outputs) writer.writeStringField(2, name);
  writer.writeStringField(3, node.name);
  writer.writeStringField(4, "Identity");
  overwrite(bytes, start, end, writer.finish(), 6);
}

/** Makes a value a float tensor, [rows, classes], if it is one of those that ZipMap gave. */
function retype(bytes: Uint8Array, start: number, end: number, mapped: ReadonlyMap<string, number>): void {
  const reader = new PbfReader(bytes);
  reader.pos = start;
  let name = "";
  each(reader, end, (field, fieldEnd) => {
    if (field === 1) name = new TextDecoder().decode(bytes.subarray(reader.pos, fieldEnd));
  });
  const classes = mapped.get(name);
  if (classes === undefined) return;
  const writer = new PbfWriter();
  writer.writeStringField(1, name);
  const write = (into: PbfWriter, field: number, fill: (inner: PbfWriter) => void) =>
    into.writeMessage(field, (_, inner) => fill(inner), null);
  write(writer, 2, (type) =>
    write(type, 1, (tensor) => {
      tensor.writeVarintField(1, 1);
      write(tensor, 2, (shape) => {
        write(shape, 1, () => {});
        // A larger number would need more room than a list of dictionaries has.
        write(shape, 1, (size) => classes > 0 && classes < 128 && size.writeVarintField(1, classes));
      });
    }),
  );
  overwrite(bytes, start, end, writer.finish(), 3);
}

/** Writes a message over a longer one; a comment of spaces fills it up. @param comment number of its field. */
function overwrite(
  bytes: Uint8Array,
  start: number,
  end: number,
  content: Uint8Array,
  comment: number,
): void {
  const rest = end - start - content.length;
  if (rest < 2) throw new Error("model.onnx: a ZipMap, or its type, is shorter than the format allows");
  bytes.set(content, start);
  bytes.fill(32, start + content.length, end);
  // A tag, and a length in one byte or, however short, in four.
  const spaces = rest - 5;
  const length =
    rest < 130
      ? [rest - 2]
      : [...[0, 7, 14].map((shift) => ((spaces >> shift) & 127) | 128), (spaces >> 21) & 127];
  bytes.set([(comment << 3) | 2, ...length], start + content.length);
}
