import { badRequest } from "../errors.ts";
import { allocate, shown, type Values } from "../model/cells.ts";
import type { Model } from "../model/model.ts";
import type { ModelInput, Signature } from "../model/signature.ts";

/** What the inputs of a request stand for. */
export interface Slots {
  inputs: ModelInput[];
  /** By name. */
  places: Map<unknown, number>;
  /** Whether they are the columns of the model's only input. */
  areColumns: boolean;
}

interface Known {
  tensors: Slots;
  /** Where the model's only input has several columns with names. */
  columns: Slots | undefined;
}

const known = new WeakMap<Signature, Known>();

function slotsOf(inputs: ModelInput[], areColumns: boolean): Slots {
  return { inputs, areColumns, places: new Map(inputs.map(({ name }, index) => [name, index])) };
}

function knownOf(signature: Signature): Known {
  const found = known.get(signature);
  if (found) return found;
  const { inputs } = signature;
  const [only] = inputs.length === 1 ? inputs : [];
  const columns = only && only.width > 1 ? only.columns : undefined;
  const made: Known = {
    tensors: slotsOf(inputs, false),
    columns:
      columns &&
      slotsOf(
        columns.map((name) => ({ ...only!, name, width: 1, dims: [], columns: [name] })),
        true,
      ),
  };
  known.set(signature, made);
  return made;
}

const nameOf = (tensor: unknown) => (tensor as { name?: unknown } | null)?.name;

/** The model's inputs or, where a request has several inputs for a model of one, that one's columns: as of a data frame. */
export function chooseSlots({ signature }: Model, given: unknown[]): Slots {
  const { tensors, columns } = knownOf(signature);
  if (!columns || given.length < 2) return tensors;
  const first = nameOf(given[0]);
  return tensors.places.has(first) && !columns.places.has(first) ? tensors : columns;
}

/** So many names a message has at most. */
const MOST_NAMES = 30;

/**
 * The place of a request's input. The only input of a model has any name, as MLServer's and KServe's sklearn servers take it.
 * @throws ScoringError 400 for a name that is not there.
 */
export function placeOf(model: Model, slots: Slots, name: unknown, given: number, where: string): number {
  if (given === 1 && slots.inputs.length === 1 && typeof name === "string") return 0;
  const place = slots.places.get(name);
  if (place !== undefined) return place;
  const all = slots.inputs.map((input) => input.name);
  const names = all.slice(0, MOST_NAMES).join(", ") + (all.length > MOST_NAMES ? ", …" : "");
  throw badRequest(`${where}: model "${model.name}" has no input ${shown(name)}; it has ${names}`);
}

/** One tensor of columns that came one by one. */
export function joinColumns({ inputs }: Slots, columns: Values[], rows: number): Values {
  const width = inputs.length;
  const joined = allocate(inputs[0]!.type, rows * width);
  for (let column = 0; column < width; column++) {
    const cells = columns[column]!;
    for (let row = 0; row < rows; row++) joined[row * width + column] = cells[row]!;
  }
  return joined;
}
