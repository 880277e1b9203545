/** What the front door (server.ts) and the resource providers say to each other. */

/** An Azure resource as the store keeps it: the ARM envelope and whatever the provider needs to answer for it. */
export interface Resource {
  /** Full ARM id, in the casing of the first write. */
  id: string;
  /** Last segment of the id. */
  name: string;
  /** Canonical type, e.g. `Microsoft.Web/sites`. */
  type: string;
  /** Normalized, e.g. `westeurope`; absent for child resources. */
  location?: string;
  tags?: Record<string, string>;
  kind?: string;
  sku?: Record<string, unknown>;
  identity?: Record<string, unknown>;
  /** What the provider stores, in its own shape; the provider renders the answer from it. */
  properties: Record<string, unknown>;
}

/** Resources by id, compared without regard to case. Every write is on disk (encrypted) when it resolves. */
export interface ResourceStore {
  get(id: string): Resource | undefined;
  /** All resources of a type, below `scope` (a subscription's or a group's id, or a parent resource's). */
  list(type: string, scope?: string): Resource[];
  /** All top-level resources of a group, whatever their type. */
  inGroup(groupId: string): Resource[];
  put(resource: Resource): Promise<void>;
  /** Removes the resource and everything whose id lies below it. */
  delete(id: string): Promise<void>;
}

export type Method = "GET" | "HEAD" | "PUT" | "PATCH" | "POST" | "DELETE";

/** A request that has passed the front door: authenticated, api-version checked, subscription and group known. */
export interface ArmRequest {
  method: Method;
  /** Path as requested, without query. For a resource route it is the id of the resource (or its action). */
  path: string;
  /** Values of the route's `{placeholders}`, decoded, as the client spelled them. */
  parameters: Record<string, string>;
  apiVersion: string;
  query: URLSearchParams;
  /** Parsed JSON body; undefined when the request has none. */
  body: unknown;
  /** `https://localhost:PORT` as the client addressed it, without a trailing slash. */
  origin: string;
}

export interface ArmResponse {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it is (set content-type), undefined as an empty body. */
  body?: unknown;
}

export interface Route {
  methods: Partial<Record<Method, (request: ArmRequest) => ArmResponse | Promise<ArmResponse>>>;
  /**
   * Path in the notation of Azure's REST specifications, e.g.
   * `/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Web/sites/{name}`.
   * Literal segments match without regard to case.
   */
  path: string;
}

/** What GET /subscriptions/{id}/providers/{namespace} says of a type. */
export interface ResourceTypeDescription {
  resourceType: string;
  apiVersions: string[];
}

export interface ResourceProvider {
  /** e.g. `Microsoft.Web`. */
  namespace: string;
  resourceTypes: ResourceTypeDescription[];
  routes: Route[];
  /**
   * Deletes a top-level resource with what runs for it: called when its group is deleted. Types are removed in
   * the order in which `resourceTypes` lists them (sites before serverfarms).
   */
  remove(resource: Resource): Promise<void>;
  /** Brings what runs (registries, containers, listeners) to what the store says: after a start of the process. */
  start(): Promise<void>;
  /** Ends what runs, keeping the store. */
  stop(): Promise<void>;
}

/** A long-running operation's outcome, for the poll URLs that the front door serves. */
export interface Operations {
  /**
   * Starts `work` and returns the headers of the first answer (Azure-AsyncOperation or Location, Retry-After).
   * A poll answers InProgress until it settles; a rejected ArmError becomes the operation's error.
   */
  start(
    style: "Azure-AsyncOperation" | "Location",
    request: ArmRequest,
    /** Path below the subscription under which the polls go, e.g. `/operationresults`. */
    path: string,
    work: () => Promise<ArmResponse | undefined>,
  ): Record<string, string>;
}

/** Tokens in the look of Microsoft Entra ID's, signed with a key of this clone. */
export interface Tokens {
  /** A token for `resource` (its `aud`), in the name of the clone's managed identity. */
  issue(resource: string): { token: string; expiresOn: number; clientId: string };
  /**
   * Verifies signature, issuer, time and audience.
   *
   * @param alsoFor - audiences that are accepted beside the resource manager's, without trailing slashes.
   * @throws ArmError (401) in the resource manager's words.
   */
  verify(token: string, alsoFor?: string[]): void;
}

/** Everything that a resource provider is built from. */
export interface ProviderContext {
  subscriptionId: string;
  tenantId: string;
  store: ResourceStore;
  /** Issues and verifies bearer tokens; for hosts of the provider's own (registries, SCM sites). */
  tokens: Tokens;
  /** What HTTPS listeners of the provider's own present, PEM. */
  tls: { cert: string; key: string };
  /** A key of 32 bytes for `purpose`, random per clone and the same at each start. */
  deriveKey: (purpose: string) => Buffer;
  operations: Operations;
  /** The state directory (0700); a provider keeps files in a folder of its own below it. */
  directory: string;
  log: (line: string) => void;
}
