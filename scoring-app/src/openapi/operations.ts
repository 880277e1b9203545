/** What the two documents say of one method of one path. */
export interface Operation {
  summary: string;
  /** Every status that it answers with. */
  statuses: Record<string, string>;
  /** Content types of the request body; none where there is no body. */
  body?: string[];
  /** Whether the body may be left out. */
  bodyOptional?: true;
  /** Content types of a 200; one of JSON unless told. */
  answers?: string[];
  parameters?: Parameter[];
}

export interface Parameter {
  name: string;
  in: "query" | "path" | "header";
  required: boolean;
  description: string;
}

const IDS = { "431": "A request id has more than 100 characters, or the headers are too large" };
const BODY = {
  "400": "The request does not fit the model; the message names row, column, expected and given",
  "408": "The request arrives too slowly",
  "413": "The body or the number of rows is above the limit",
  "415": "Content-Type or Content-Encoding is not served",
};
const WORK = {
  "429": "Too many requests are under way; see Retry-After",
  "500": "run() failed; the log has the request id",
  "503": "Too many connections, or the server is shutting down",
  "504": "run(), or the wait for the model, took longer than SCORING_TIMEOUT_MS",
};
const OK = (description: string) => ({ "200": description, ...IDS });

const OPERATIONS: Record<string, Operation> = {
  "get /": { summary: "Whether the server is up", statuses: OK("The text Healthy"), answers: ["text/plain"] },
  "get /v2/health/live": { summary: "Whether the server is up", statuses: OK("It is") },
  "get /v2/health/ready": {
    summary: "Whether the app has scored its own sample and is not shutting down",
    statuses: { ...OK("It is ready"), "503": "It is not" },
  },
  "post /score": {
    summary: "Scores rows",
    body: ["application/json", "text/csv"],
    statuses: { ...OK("Predictions, one a row"), ...BODY, ...WORK },
  },
  "get /score": {
    summary: "Scores what the query says: /score?data=[[…]]",
    parameters: [{ name: "data", in: "query", required: false, description: "Rows as JSON" }],
    statuses: { ...OK("Predictions, one a row"), ...BODY, ...WORK },
  },
  "options /score": {
    summary: "CORS preflight",
    answers: ["text/plain"],
    statuses: OK("Allowed origins come from AML_CORS_ORIGINS"),
  },
  "get /v2": { summary: "The server's name, version and extensions", statuses: OK("Metadata") },
  "post /v2/repository/index": {
    summary: "Lists the models",
    body: ["application/json"],
    bodyOptional: true,
    statuses: { ...OK("Names, versions, states"), ...BODY },
  },
  "get /docs": { summary: "A page to try the model", statuses: OK("HTML"), answers: ["text/html"] },
  "get /metrics": {
    summary: "Metrics in Prometheus format",
    statuses: OK("Metrics"),
    answers: ["text/plain"],
  },
  "get /swagger.json": {
    summary: "This document",
    parameters: [{ name: "version", in: "query", required: false, description: "2 (default) or 3" }],
    statuses: { ...OK("The document"), "404": "No such version" },
  },
};

const MODEL = { name: "model", in: "path", required: true, description: "The model's name" } as const;
const VERSION = { name: "version", in: "path", required: true, description: "The model's version" } as const;

for (const [path, parameters] of [
  ["/v2/models/{model}", [MODEL]],
  ["/v2/models/{model}/versions/{version}", [MODEL, VERSION]],
] as const) {
  const none = { "404": "No such model or version" };
  Object.assign(OPERATIONS, {
    [`get ${path}`]: { summary: "A model's tensors", parameters, statuses: { ...OK("Metadata"), ...none } },
    [`get ${path}/ready`]: {
      summary: "Whether a model is ready",
      parameters,
      statuses: { ...OK("It is"), ...none, "503": "It is not" },
    },
    [`post ${path}/infer`]: {
      summary: "Runs a model (Open Inference Protocol v2, JSON or binary data)",
      parameters,
      body: ["application/json", "application/octet-stream"],
      answers: ["application/json", "application/octet-stream"],
      statuses: { ...OK("Tensors"), ...BODY, ...none, ...WORK },
    },
  });
}

/** @throws Error for a route that is not described: a route and its description are added together. */
export function operation(path: string, method: string): Operation {
  const found = OPERATIONS[`${method} ${path}`];
  if (!found) throw new Error(`no description of ${method} ${path}`);
  return found;
}
