/** How a resource provider is written: a table of routes over its state. The front door sees what comes of it. */
import type Dockerode from "dockerode";
import type { PortBook } from "../../net/ports.ts";
import { type Serially, serialQueue } from "../../system/serial-queue.ts";
import { invalidType, notEmulated } from "./errors.ts";
import { isObject, type Members, readMembers } from "./members.ts";
import type { RunningOperations } from "./operations.ts";
import type { ResourceStore } from "./store.ts";
import type { Tokens } from "./tokens.ts";
import type { ArmRequest, ArmResponse, Method, Resource, ScopeKind } from "./types.ts";

/** Answers a read, or a write that is done when it answers. */
export type Handler<State> = (state: State, request: ArmRequest) => ArmResponse | Promise<ArmResponse>;

/** The first answer to a write, and what goes on after it; no `work` where the write is done. */
export interface Begun extends ArmResponse {
  work?: () => Promise<ArmResponse | undefined>;
}

/** A write whose client polls for its end. */
export interface LongRunning<State> {
  /** Header of the first answer that says where to poll. */
  style: "Azure-AsyncOperation" | "Location";
  /** Path of the polls, without the operation's name. */
  polls: (request: ArmRequest) => string;
  begin: (state: State, request: ArmRequest) => Begun | Promise<Begun>;
}

/** A long-running write whose status is asked for below the resource itself. */
export function asyncOperation<State>(begin: LongRunning<State>["begin"]): LongRunning<State> {
  return { style: "Azure-AsyncOperation", polls: ({ path }) => `${path}/operationStatuses`, begin };
}

/** A long-running write whose result is asked for below the subscription. */
export function locationOperation<State>(begin: LongRunning<State>["begin"]): LongRunning<State> {
  return { style: "Location", polls: ({ path }) => `${subscriptionOf(path)}/operationresults`, begin };
}

/** The methods of one path; whether a write is synchronous or long-running stands with it. */
export type RouteRow<State> = {
  /** In the notation of Azure's REST specifications; may begin with `{subscription}`, `{group}` or `{scope}`. */
  path: string;
  /** What `{scope}` may be. */
  scopes?: readonly ScopeKind[];
  /** What the body of a POST may hold; nothing where it is left out. The bodies of resources are their handlers' to read. */
  body?: Members;
  /** The OData options (`$filter` …) that are taken, in lower case; others are refused. */
  options?: readonly string[];
} & Partial<Record<"GET", Handler<State>>> &
  Partial<Record<"PUT" | "PATCH" | "POST" | "DELETE", Handler<State> | LongRunning<State>>>;

/** What GET /subscriptions/{id}/providers/{namespace} says of a type. */
export interface ResourceTypeDescription {
  resourceType: string;
  apiVersions: string[];
}

/** A resource provider as its folder's provider.ts writes it. */
export interface ProviderDefinition<State> {
  /** e.g. `Microsoft.Web`. */
  namespace: string;
  /** In the order in which a group's resources of these types are deleted (sites before serverfarms). */
  resourceTypes: ResourceTypeDescription[];
  routes: RouteRow<State>[];
  /** @param serially - runs work as a write: one at a time in this provider. For what goes on after an answer. */
  state: (context: ProviderContext, serially: Serially) => State;
  /** Deletes a top-level resource with what runs for it: called when its group is deleted. */
  remove: (state: State, resource: Resource) => Promise<void>;
  /** Brings what runs (registries, containers, listeners) to what the store says: after a start of the process. */
  start: (state: State) => Promise<void>;
  /** Ends what runs, keeping the store. */
  stop: (state: State) => Promise<void>;
}

export interface Route {
  path: string;
  scopes?: readonly ScopeKind[];
  body?: Members;
  methods: Partial<
    Record<Exclude<Method, "HEAD">, (request: ArmRequest) => ArmResponse | Promise<ArmResponse>>
  >;
}

/** A resource provider at work. */
export interface ResourceProvider {
  namespace: string;
  resourceTypes: ResourceTypeDescription[];
  routes: Route[];
  remove(resource: Resource): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that a resource provider is built from. */
export interface ProviderContext {
  subscriptionId: string;
  tenantId: string;
  store: ResourceStore;
  operations: RunningOperations;
  /** Issues and verifies bearer tokens; for hosts of the provider's own (registries, SCM sites). */
  tokens: Tokens;
  /** What HTTPS listeners of the provider's own present, PEM. */
  tls: { cert: string; key: string };
  /** A key of 32 bytes for `purpose`, random per clone and the same at each start. */
  deriveKey: (purpose: string) => Buffer;
  /** The state directory (0700); a provider keeps files in a folder of its own below it. */
  directory: string;
  ports: PortBook;
  docker: Dockerode;
  /** CNCF Distribution's executable, 2.8 or 3. */
  registryBinary: string;
  /** Value of the label that tells this clone's containers from others. */
  clone: string;
  /** All of them, in the order of the list; asked for late, since each is built from this context. */
  providers: () => ResourceProvider[];
  log: (line: string) => void;
}

export type ProviderFactory = (context: ProviderContext) => ResourceProvider;

/**
 * Makes a provider of its definition. One write at a time: each reads what the one before has stored, and a name is
 * given away once. Reads do not wait.
 */
export function resourceProvider<State>(definition: ProviderDefinition<State>): ProviderFactory {
  return (context) => {
    const serially = serialQueue();
    const state = definition.state(context, serially);
    const { namespace, resourceTypes } = definition;
    return {
      namespace,
      resourceTypes,
      routes: definition.routes.map((row) => boundRoute(row, state, serially, context.operations)),
      remove: (resource) => serially(() => definition.remove(state, resource)),
      start: () => serially(() => definition.start(state)),
      stop: () => serially(() => definition.stop(state)),
    };
  };
}

function boundRoute<State>(
  { path, scopes, body = {}, options = [], ...methods }: RouteRow<State>,
  state: State,
  serially: Serially,
  operations: RunningOperations,
): Route {
  // Before its turn comes, a write may have waited for the deletion of its group.
  const inTurn = (request: ArmRequest, write: () => ArmResponse | Promise<ArmResponse>) =>
    serially(async () => {
      request.checkGroup();
      return write();
    });
  const bound = Object.entries(methods).map(([method, handler]): [string, Route["methods"]["GET"]] => {
    const handle = (request: ArmRequest) => {
      if (typeof handler !== "function") return begin(handler, state, request, operations);
      if (method === "POST") checkBody(body, path, request);
      return handler(state, request);
    };
    const checked = (request: ArmRequest) => {
      checkOptions(options, request);
      return method === "GET" ? handle(request) : inTurn(request, () => handle(request));
    };
    return [method, checked];
  });
  return { path: withScope(path), ...(scopes && { scopes }), body, methods: Object.fromEntries(bound) };
}

/** @throws ArmError (400) at an OData option that a route does not take. */
function checkOptions(options: readonly string[], { method, path, query }: ArmRequest): void {
  const others = [...query].filter(
    ([name, value]) => name.startsWith("$") && value !== "" && !options.includes(name),
  );
  if (others[0]) throw notEmulated(`'${others[0][0]}' of ${method} ${path}`, "leave it out.");
}

/** @throws ArmError (400) at a member that an action does not take. */
function checkBody(body: Members, path: string, request: ArmRequest): void {
  const given = isObject(request.body) ? request.body : {};
  readMembers(body, given, { owner: `POST ${path}`, invalid: invalidType });
}

async function begin<State>(
  { style, polls, begin }: LongRunning<State>,
  state: State,
  request: ArmRequest,
  operations: RunningOperations,
): Promise<ArmResponse> {
  const { work, ...first } = await begin(state, request);
  if (!work) return first;
  const headers = operations.start(style, request, polls(request), work);
  return { ...first, headers: { ...first.headers, ...headers } };
}

const subscription = "/subscriptions/{subscriptionId}";

function withScope(path: string): string {
  return path
    .replace(/^\{subscription\}/, subscription)
    .replace(/^\{group\}/, `${subscription}/resourceGroups/{resourceGroupName}`);
}

function subscriptionOf(path: string): string {
  return /^\/subscriptions\/[^/]+/i.exec(path)?.[0] ?? "";
}
