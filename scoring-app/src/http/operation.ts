/** Content of a body or answer. */
export interface Content {
  /** In OpenAPI 3. */
  schema: Record<string, unknown>;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: "query" | "path" | "header";
  required: boolean;
  description: string;
  /** Of JSON in it, and then it is required; else it is text. */
  schema?: Record<string, unknown>;
}

/** What the documents say of one method of one route; it stands with the route. */
export interface Operation {
  summary: string;
  /** Every status that it answers with. */
  statuses: Record<string, string>;
  /** The request body by content type; none where there is no body. */
  body?: Record<string, Content>;
  /** Whether the body may be left out. */
  bodyOptional?: true;
  /** What a body may be, for documents without schemas of it. */
  bodyDescription?: string;
  /** A success by content type; JSON of any kind unless told. */
  answers?: Record<string, Content>;
  parameters?: readonly Parameter[];
}

export const TEXT: Content = { schema: { type: "string" } };

const IDS = { "431": "A request id has more than 100 characters, or the headers are too large" };

/** Statuses of a success, and of whatever may be wrong with any request. */
export const ok = (description: string) => ({ "200": description, ...IDS });

/** Of a request with a body. */
export const BODY_STATUSES = {
  "400": "The request does not fit the model; the message names row, column, expected and given",
  "408": "The request arrives too slowly",
  "413": "The body, inflated if it is gzip, or the number of rows is above the limit",
  "415": "Content-Type is not served, or Content-Encoding is not gzip",
};

/** Of a request that there may be no room for. */
export const ROOM_STATUSES = {
  "429": "Too many requests are under way; see Retry-After",
  "503": "Too many connections, or too many bytes of bodies are held; see Retry-After",
};

/** Of a request that a model or an entry script works for. */
export const WORK_STATUSES = {
  ...ROOM_STATUSES,
  "500": "run() failed; the log has the request id",
  "504": "run(), or the wait for the model, took longer than SCORING_TIMEOUT_MS",
};
