import { isDeepStrictEqual } from "node:util";
import {
  AcceptedThenFailed,
  type ArmClient,
  type ArmClientOptions,
  connect,
  jsonObject,
} from "../../arm-client/arm-client.ts";
import { ArmRequestError } from "../../arm-client/arm-error.ts";
import type { IdentityOptions, ManagedIdentity } from "../../arm-client/managed-identity.ts";
import { difference } from "../difference.ts";
import {
  type CheckRequest,
  type CreateRequest,
  type EngineLog,
  InitializationFailed,
  type Plugin,
  type UpdateRequest,
} from "../plugin.ts";
import { hasUnknown, isObject, type Properties, unknownValue } from "../property-values.ts";
import { flatten, previewOutputs, requestBody, shape } from "./body.ts";
import { addName, createBeforeDelete, validate } from "./check.ts";
import { invoke } from "./functions.ts";
import {
  armPath,
  pathParameters,
  type ResourceType,
  resourceTypeOf,
  resourceTypes,
} from "./resource-types.ts";
import { resourceSchema, sdkVersion } from "./sdk-schema.ts";

/** `resourceManager`, its certificate's authority, and the managed identity in whose name the provider acts. */
export interface AzureNativeOptions
  extends IdentityOptions,
    Pick<ArmClientOptions, "resourceManager" | "ca"> {
  subscriptionId: string;
  tenantId: string;
}

/** Settings that say who signs in where: here it is always the managed identity, so they change nothing. */
const signInSettings = new Set(["version", "useMsi", "msiEndpoint", "metadataHost", "environment"]);
const defaultTimeoutSeconds = 7200;
const resourceGroup = "azure-native:resources:ResourceGroup";

/** @pulumi/azure-native for the types in resource-types.ts: a client of Azure Resource Manager like any other. */
export class AzureNativePlugin implements Plugin {
  readonly #engine: EngineLog;
  readonly #identity: ManagedIdentity;
  readonly #arm: ArmClient;
  readonly #account: { subscriptionId: string; tenantId: string; resourceManager: string };
  #defaultLocation: string | undefined;
  readonly #groupLocations = new Map<string, Promise<string>>();

  constructor(options: AzureNativeOptions, engine: EngineLog) {
    const { resourceManager, subscriptionId, tenantId } = options;
    this.#engine = engine;
    this.#account = { subscriptionId, tenantId, resourceManager };
    const userAgent = `pulumi-azure-native/${sdkVersion} (local stand-in)`;
    const { arm, identity } = connect({ ...options, userAgent });
    this.#arm = arm;
    this.#identity = identity;
  }

  configure(settings: Record<string, string>): void {
    const { location, subscriptionId, tenantId, ...others } = settings;
    const strange = Object.keys(others).filter((name) => !signInSettings.has(name));
    if (strange.length > 0)
      throw new Error(
        `The local azure-native provider does not know the setting azure-native:${strange.join(", azure-native:")}; it knows location, subscriptionId and tenantId.`,
      );
    this.#defaultLocation = location;
    if (subscriptionId) this.#account.subscriptionId = subscriptionId;
    if (tenantId) this.#account.tenantId = tenantId;
  }

  async check(request: CheckRequest) {
    const type = resourceTypeOf(request.type);
    const schema = resourceSchema(request.type);
    const inputs: Properties = { ...request.inputs };
    addName(type, inputs, request);
    await this.#addLocation(request, inputs);
    inputs.azureApiVersion = schema.apiVersion;
    return { inputs, failures: validate(type, schema, inputs) };
  }

  async diff({ type: token, oldInputs, oldOutputs, inputs }: Parameters<Plugin["diff"]>[0]) {
    const type = resourceTypeOf(token);
    const changes = difference(oldInputs, inputs, {
      keyedArrays: type.keyedArrays,
      same: (path, before, after) => {
        if (path === "resourceGroupName") return String(before).toLowerCase() === String(after).toLowerCase();
        return path === "location" && normalizeLocation(before) === normalizeLocation(after);
      },
    });
    const replacing = new Set([...pathParameters(type.path), ...(type.forceNew ?? [])]);
    const replaces = changes
      .filter(({ property, kind }) => {
        const isWhatAzureHas = kind === "add" && isDeepStrictEqual(inputs[property], oldOutputs[property]);
        return replacing.has(property) && !isWhatAzureHas;
      })
      .map(({ property }) => property);
    const mayCoexist = oldInputs[createBeforeDelete] === true;
    return {
      changes,
      replaces: [...new Set(replaces)],
      deleteBeforeReplace: replaces.length > 0 && !mayCoexist,
    };
  }

  async create(request: CreateRequest) {
    const type = resourceTypeOf(request.type);
    const schema = resourceSchema(request.type);
    if (request.preview) return { id: "", outputs: previewOutputs(schema, request.inputs) };
    const path = this.#pathOf(type, request.inputs);
    await this.#refuseExisting(type, path, schema.apiVersion);
    return this.#write(request, path);
  }

  async update(request: UpdateRequest) {
    const schema = resourceSchema(request.type);
    if (request.preview) return previewOutputs(schema, request.inputs, request.oldOutputs);
    return (await this.#write(request, request.id)).outputs;
  }

  async read({ type: token, id, inputs, outputs }: Parameters<Plugin["read"]>[0]) {
    const type = resourceTypeOf(token);
    const schema = resourceSchema(token);
    const current = await this.#readState(token, id);
    if (!current) return undefined;
    const after = shape(current, schema.inputs);
    const before = shape(outputs, schema.inputs);
    // An older stand-in recorded neither `id` nor this name: that Azure has it is no change.
    const [was, is] = [before.siteConfig, after.siteConfig];
    if (outputs.id === undefined && isObject(was) && isObject(is) && is.publishingUsername !== undefined)
      was.publishingUsername = is.publishingUsername;
    const isImport = Object.keys(outputs).length === 0;
    const refreshed = isImport
      ? { ...after, ...parametersIn(type.path, id), azureApiVersion: schema.apiVersion }
      : carryOver(inputs, before, after);
    return { id, inputs: refreshed, outputs: current };
  }

  async delete({ type: token, id, timeout }: Parameters<Plugin["delete"]>[0]) {
    const { singleton, deleteQuery } = resourceTypeOf(token);
    const call = { path: id, apiVersion: resourceSchema(token).apiVersion, signal: signalFor(timeout) };
    if (!singleton) return this.#arm.delete({ ...call, query: deleteQuery });
    try {
      await this.#arm.put({ ...call, body: singleton.resetBody });
    } catch (error) {
      // What belonged to a parent that is gone is gone with it.
      if (!(error instanceof ArmRequestError && error.status === 404)) throw error;
    }
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    if (hasUnknown(args)) throw new Error(`${token}: an argument is not known`);
    return invoke(token, args, { arm: this.#arm, identity: this.#identity, ...this.#account });
  }

  #pathOf(type: ResourceType, inputs: Properties): string {
    return armPath(type.path, this.#account.subscriptionId, inputs);
  }

  /** Azure's GET, and what the type says to read besides. Undefined when the resource is gone. */
  async #readState(token: string, id: string): Promise<Properties | undefined> {
    const { readAlso, leftOut = [] } = resourceTypeOf(token);
    const { apiVersion, outputs } = resourceSchema(token);
    try {
      const body = await this.#arm.get({ path: id, apiVersion });
      if (readAlso) {
        const { properties } = await this.#arm.get({ path: id + readAlso.path, apiVersion });
        const also = properties as Record<string, unknown>;
        if (also.publishingUsername === "REDACTED") delete also.publishingUsername;
        Object.assign(body.properties as object, { [readAlso.property]: also });
      }
      const state = flatten(body, outputs, apiVersion);
      for (const name of leftOut) delete state[name];
      return state;
    } catch (error) {
      if (error instanceof ArmRequestError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #refuseExisting(type: ResourceType, path: string, apiVersion: string): Promise<void> {
    const answer = await this.#arm.send({ method: "GET", path, apiVersion });
    if (answer.status === 404 || answer.status === 204) return;
    if (answer.status !== 200)
      throw new Error(`cannot check existence of resource '${path}': ${new ArmRequestError(answer).message}`);
    if (type.singleton || answer.body === "") return;
    throw new Error(`cannot create already existing resource '${jsonObject(answer).id ?? path}'`);
  }

  async #write({ type: token, urn, inputs, timeout }: CreateRequest, path: string) {
    if (hasUnknown(inputs)) throw new Error(`${urn}: an input is not known`);
    const schema = resourceSchema(token);
    const { apiVersion } = schema;
    const body = requestBody(resourceTypeOf(token), schema, inputs);
    let answer: Record<string, unknown>;
    try {
      answer = await this.#arm.put({ path, apiVersion, body, signal: signalFor(timeout) });
    } catch (error) {
      if (!(error instanceof AcceptedThenFailed)) throw error;
      const outputs = await this.#readState(token, path);
      if (!outputs) throw error.cause;
      throw new InitializationFailed(path, inputs, outputs, error.message);
    }
    const id = typeof answer.id === "string" ? answer.id : path;
    const outputs = await this.#readState(token, id);
    if (outputs) return { id, outputs };
    this.#engine.warning(urn, "Failed to read the resource after it was written: Azure does not find it.");
    return { id, outputs: flatten(answer, schema.outputs, apiVersion) };
  }

  /** Location: the old one, else azure-native:location, else the resource group's. */
  async #addLocation({ type: token, oldInputs }: CheckRequest, inputs: Properties): Promise<void> {
    if (inputs.location !== undefined || !resourceSchema(token).inputs.has("location")) return;
    const location = oldInputs.location ?? this.#defaultLocation;
    if (location !== undefined) inputs.location = location;
    else if (token !== resourceGroup && inputs.resourceGroupName !== undefined)
      inputs.location =
        inputs.resourceGroupName === unknownValue ? unknownValue : await this.#locationOfGroup(inputs);
  }

  #locationOfGroup(inputs: Properties): Promise<string> {
    const path = this.#pathOf(resourceTypes[resourceGroup]!, inputs);
    const known = this.#groupLocations.get(path);
    if (known !== undefined) return known;
    const { apiVersion } = resourceSchema(resourceGroup);
    const location = this.#arm.get({ path, apiVersion }).then((group) => String(group.location));
    this.#groupLocations.set(path, location);
    // A group that is not there yet may be there at the next question.
    location.catch(() => this.#groupLocations.delete(path));
    return location;
  }
}

function normalizeLocation(location: unknown): string {
  return String(location).toLowerCase().replaceAll(" ", "");
}

function signalFor(timeoutSeconds: number): AbortSignal {
  return AbortSignal.timeout((timeoutSeconds || defaultTimeoutSeconds) * 1000);
}

/** The path's values as an id spells them. */
function parametersIn(path: string, id: string): Properties {
  const values = id.split("/").map(decodeURIComponent);
  const parameters = path
    .split("/")
    .map((part, index) => [/^\{(\w+)\}$/.exec(part)?.[1], values[index]] as const);
  return Object.fromEntries(parameters.filter(([name]) => name && name !== "subscriptionId")) as Properties;
}

/** `inputs` with what Azure has changed between two readings, and nothing else: so that the next update undoes it. */
function carryOver(inputs: Properties, before: Properties, after: Properties): Properties {
  const result: Properties = { ...inputs };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[name];
    const value = after[name];
    const input = inputs[name] ?? {};
    if (isDeepStrictEqual(old, value)) continue;
    if (value === undefined) delete result[name];
    else if (isObject(old) && isObject(value) && isObject(input)) result[name] = carryOver(input, old, value);
    else result[name] = value;
  }
  return result;
}
