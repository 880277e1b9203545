/** What a resource plugin is, apart from gRPC: plugin-server.ts serves one to the engine. */
import type { Change } from "./difference.ts";
import type { Properties } from "./property-values.ts";

export interface ResourceRequest {
  urn: string;
  /** Type token, e.g. `azure-native:web:WebApp`. */
  type: string;
  /** The resource's logical name. */
  name: string;
}

export interface CheckRequest extends ResourceRequest {
  oldInputs: Properties;
  inputs: Properties;
  /** The same for the same resource in one update; empty from engines that send none. */
  randomSeed: Uint8Array;
  autonaming?: { mode: "propose" | "enforce" | "disable"; proposedName: string };
}

export interface CheckResult {
  inputs: Properties;
  /** One sentence each. */
  failures: string[];
}

/** What a resource is before an operation. */
interface Existing {
  id: string;
  oldInputs: Properties;
  oldOutputs: Properties;
}

export interface DiffRequest extends ResourceRequest, Existing {
  inputs: Properties;
}

export interface DiffResult {
  changes: Change[];
  /** Top-level properties whose change replaces the resource. */
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** False where the changes are between what the state has as outputs and the inputs; the engine shows them so. */
  inputDiff?: boolean;
}

export interface CreateRequest extends ResourceRequest {
  inputs: Properties;
  preview: boolean;
  /** Seconds; 0 where the program has set none. */
  timeout: number;
}

export interface UpdateRequest extends CreateRequest, Existing {}

export interface ReadRequest extends ResourceRequest {
  id: string;
  /** Empty for an import or a `get`. */
  inputs: Properties;
  /** Last known outputs; empty for an import or a `get`. */
  outputs: Properties;
}

export interface DeleteRequest extends ResourceRequest, Existing {
  timeout: number;
}

export interface Plugin {
  configure(configuration: Record<string, string>): void;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  /** The id may be empty in a preview. */
  create(request: CreateRequest): Promise<{ id: string; outputs: Properties }>;
  /** Undefined when the resource is gone; `unchanged` leaves the record as it is, what other plugins wrote there too. */
  read(
    request: ReadRequest,
  ): Promise<{ id: string; inputs: Properties; outputs: Properties } | "unchanged" | undefined>;
  update(request: UpdateRequest): Promise<Properties>;
  delete(request: DeleteRequest): Promise<void>;
  /** Of those that have functions. */
  invoke?(token: string, args: Properties): Promise<Properties>;
}

/**
 * What a provider knows of a type.
 *
 * @throws Error naming the types that it has.
 */
export function known<T>(provider: string, types: Record<string, T>, token: string): T {
  const type = types[token];
  if (type) return type;
  const names = Object.keys(types).join(", ");
  throw new Error(`The local ${provider} provider has no type '${token}'; it has ${names}.`);
}

/** Where a plugin speaks to the person who runs the engine. */
export interface EngineLog {
  /** A line of the resource's status, replaced by the next one. */
  status(urn: string, message: string): void;
  info(urn: string, message: string): void;
  warning(urn: string, message: string): void;
}

/** The resource exists, but did not come up: the engine records it with its state and the reasons. */
export class InitializationFailed extends Error {
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties;

  constructor(id: string, inputs: Properties, outputs: Properties, reason: string) {
    super(reason);
    this.id = id;
    this.inputs = inputs;
    this.outputs = outputs;
  }
}
