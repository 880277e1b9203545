/** What the front door and the resource providers say to each other. */

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

/** What a `{scope}` of a route can be. */
export type ScopeKind = "subscription" | "group" | "resource";

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
