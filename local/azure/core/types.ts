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
  /** What the provider stores, in its own shape; the provider renders the answer from it. */
  properties: Record<string, unknown>;
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
  /** Its names in lower case, since theirs does not count. */
  query: URLSearchParams;
  /** Parsed JSON body; undefined when the request has none. */
  body: unknown;
  /** `https://localhost:PORT` as the client addressed it, without a trailing slash. */
  origin: string;
  /** @throws ArmError where the resource group has gone meanwhile, or is going and this is a write. */
  checkGroup: () => void;
}

export interface ArmResponse {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it is (set content-type), undefined as an empty body. */
  body?: unknown;
}

/** What a `{scope}` of a route can be. */
export type ScopeKind = "subscription" | "group" | "resource";
