/** Serves a Plugin to the engine: service pulumirpc.ResourceProvider. Each method decodes, delegates, encodes. */
import { promisify } from "node:util";
import grpc, { type ServiceError } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { type Method, serviceOf } from "../net/grpc.ts";
import { explainListenError } from "../net/loopback.ts";
import { createEngineLog } from "./engine-log.ts";
import {
  type CheckRequest,
  type DiffResult,
  type EngineLog,
  InitializationFailed,
  type Plugin,
} from "./plugin.ts";
import { decode, encode } from "./property-values.ts";

export interface ServeOptions {
  /** Package name, e.g. `random`. */
  name: string;
  /** Version of the SDK whose plugin this stands in for. */
  version: string;
  /** Port on 127.0.0.1; 0 for a free one. */
  port: number;
  /** Makes a plugin for each provider instance of each engine that attaches. */
  create(engine: EngineLog): Plugin;
  log: (line: string) => void;
}

interface Session {
  plugin: Plugin;
  log: ReturnType<typeof createEngineLog>;
  engineAddress?: string;
  /** What its engine works on, once a resource has told. */
  stack?: string;
}

/** Engines that ended leave their sessions behind: only so many of the newest are kept. */
const sessionsKept = 64;

/** @throws PortTakenError when somebody else listens on the port. */
export async function servePlugin(options: ServeOptions): Promise<{ port: number; close(): Promise<void> }> {
  const { name, log } = options;
  // An engine opens one connection for each provider instance (default or explicit).
  const sessions = new Map<string, Session>();

  function openSession(peer: string): Session {
    const session = {} as Session;
    session.log = createEngineLog(() => session.engineAddress, log);
    session.plugin = options.create(session.log);
    sessions.set(peer, session);
    for (const [old, { log }] of [...sessions].slice(0, -sessionsKept)) {
      log.close();
      sessions.delete(old);
    }
    return session;
  }

  /** An engine that reconnects after a pause does so from another port: its session is the newest of its stack. */
  function sessionOf(peer: string, stack: string | undefined): Session {
    const isIts = (session: Session) => !stack || !session.stack || session.stack === stack;
    const session = sessions.get(peer) ?? [...sessions.values()].findLast(isIts) ?? openSession(peer);
    session.stack ??= stack;
    return session;
  }

  const method =
    <Request>(work: (request: Request, session: Session) => unknown): Method =>
    (request, call) =>
      work(request, sessionOf(call.getPeer(), stackOf(request)));

  const methods: Record<string, Method> = {
    attach(request: pluginProto.PluginAttach, call) {
      openSession(call.getPeer()).engineAddress = request.getAddress();
      return new emptyProto.Empty();
    },
    getPluginInfo: method(() => new pluginProto.PluginInfo().setVersion(options.version)),
    checkConfig: method((request: proto.CheckRequest) =>
      new proto.CheckResponse().setInputs(request.getNews()),
    ),
    diffConfig: method(() => new proto.DiffResponse()),
    configure: method((request: proto.ConfigureRequest, { plugin }) => {
      const prefix = `${name}:config:`;
      const variables = [...request.getVariablesMap().entries()] as [string, string][];
      plugin.configure(Object.fromEntries(variables.map(([key, value]) => [key.replace(prefix, ""), value])));
      return new proto.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),
    invoke: method(async (request: proto.InvokeRequest, { plugin }) => {
      const token = request.getTok();
      if (!plugin.invoke) throw new Error(`The local ${name} provider has no function '${token}'.`);
      const result = await plugin.invoke(token, decode(request.getArgs()));
      return new proto.InvokeResponse().setReturn(encode(result));
    }),
    check: method(async (request: proto.CheckRequest, { plugin }) => {
      const { inputs, failures } = await plugin.check({
        ...identity(request),
        oldInputs: decode(request.getOlds()),
        inputs: decode(request.getNews()),
        randomSeed: request.getRandomseed_asU8(),
        autonaming: autonamingOf(request),
      });
      const reasons = failures.map((reason) => new proto.CheckFailure().setReason(reason));
      return new proto.CheckResponse().setInputs(encode(inputs)).setFailuresList(reasons);
    }),
    diff: method(async (request: proto.DiffRequest, { plugin }) =>
      diffResponse(await plugin.diff({ ...identity(request), ...change(request) })),
    ),
    create: method(async (request: proto.CreateRequest, { plugin }) => {
      const inputs = decode(request.getProperties());
      const { id, outputs } = await plugin.create({ ...identity(request), ...manner(request), inputs });
      return new proto.CreateResponse().setId(id).setProperties(encode(outputs));
    }),
    read: method(async (request: proto.ReadRequest, { plugin }) => {
      const found = await plugin.read({
        ...identity(request),
        id: request.getId(),
        inputs: decode(request.getInputs()),
        outputs: decode(request.getProperties()),
      });
      const response = new proto.ReadResponse();
      if (!found) return response;
      if (found === "unchanged")
        return response
          .setId(request.getId())
          .setInputs(request.getInputs())
          .setProperties(request.getProperties());
      return response.setId(found.id).setInputs(encode(found.inputs)).setProperties(encode(found.outputs));
    }),
    update: method(async (request: proto.UpdateRequest, { plugin }) => {
      const outputs = await plugin.update({
        ...identity(request),
        ...manner(request),
        ...change(request),
      });
      return new proto.UpdateResponse().setProperties(encode(outputs));
    }),
    delete: method(async (request: proto.DeleteRequest, { plugin }) => {
      await plugin.delete({
        ...identity(request),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()),
        oldOutputs: decode(request.getProperties()),
        timeout: request.getTimeout(),
      });
      return new emptyProto.Empty();
    }),
    // The engine waits for what runs, and records it: cutting it short would leave resources that nobody knows.
    cancel: method(() => new emptyProto.Empty()),
  };
  const missing = (key: string) => `The local ${name} provider has no method '${key}'.`;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
  });
  const service = providerGrpc.ResourceProviderService;
  server.addService(service, serviceOf(service, methods, missing, serviceError));
  const bind = promisify(server.bindAsync.bind(server));
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await bind(`127.0.0.1:${options.port}`, credentials).catch(async (error: unknown) => {
    throw await explainListenError(error, `provider/${name}`, options.port);
  });
  const close = async () => {
    server.forceShutdown();
    for (const { log } of sessions.values()) log.close();
  };
  return { port, close };
}

/** Of `urn:pulumi:STACK::PROJECT::TYPE::NAME`; functions and settings have none. */
function stackOf(request: { getUrn?(): string }): string | undefined {
  return request.getUrn?.().split(":")[2];
}

function identity(request: { getUrn(): string; getType(): string; getName(): string }) {
  // Engines send type and name since 3.137; a URN ends in TYPE::NAME, TYPE being a `$`-joined chain of parents.
  const [, , types = "", ...name] = request.getUrn().split("::");
  return {
    urn: request.getUrn(),
    type: request.getType() || (types.split("$").at(-1) ?? ""),
    name: request.getName() || name.join("::"),
  };
}

function manner(request: proto.CreateRequest | proto.UpdateRequest) {
  return { preview: request.getPreview(), timeout: request.getTimeout() };
}

function change(request: proto.DiffRequest | proto.UpdateRequest) {
  return {
    id: request.getId(),
    oldInputs: decode(request.getOldInputs()),
    oldOutputs: decode(request.getOlds()),
    inputs: decode(request.getNews()),
  };
}

function autonamingOf(request: proto.CheckRequest): CheckRequest["autonaming"] {
  const options = request.getAutonaming();
  if (!options) return undefined;
  const modes = ["propose", "enforce", "disable"] as const;
  return { mode: modes[options.getMode()] ?? "propose", proposedName: options.getProposedName() };
}

function diffResponse(result: DiffResult): proto.DiffResponse {
  const { changes, replaces, deleteBeforeReplace, inputDiff = true } = result;
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList(replaces)
    .setDeletebeforereplace(deleteBeforeReplace)
    .setDiffsList([...new Set(changes.map((change) => change.property))])
    .setHasdetaileddiff(true);
  const kinds = proto.PropertyDiff.Kind;
  for (const { kind, property, path } of changes) {
    const name = kind.toUpperCase() as Uppercase<typeof kind>;
    const detail = replaces.includes(property) ? kinds[`${name}_REPLACE`] : kinds[name];
    response.getDetaileddiffMap().set(path, new proto.PropertyDiff().setKind(detail).setInputdiff(inputDiff));
  }
  return response;
}

/** A partial failure carries the resource's state: gRPC's own field for error details. */
function serviceError(error: Error): Partial<ServiceError> {
  const metadata = new grpc.Metadata();
  if (error instanceof InitializationFailed) {
    const failed = new proto.ErrorResourceInitFailed()
      .setId(error.id)
      .setProperties(encode(error.outputs))
      .setInputs(encode(error.inputs))
      .setReasonsList([error.message]);
    const detail = new anyProto.Any();
    detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statusProto.Status().setCode(grpc.status.UNKNOWN).setMessage(error.message);
    status.addDetails(detail);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: error.message, metadata };
}
