import { validateHeaderValue } from "../node-http.ts";

/** An answer of an entry script with a status, headers and content type of its own; x-ms-run-function-failed is one of the headers. */
export class Reply {
  readonly status: number;
  readonly contentType: string;
  /** Beyond the content type; a name may be there twice, as Set-Cookie. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | string;
  /** Milliseconds that run() took, where the app has not measured it itself; null where run() gave no answer. */
  readonly runMs: number | null | undefined;

  constructor(
    status: number,
    contentType: string,
    headers: Reply["headers"],
    body: Buffer | string,
    runMs?: number | null,
  ) {
    this.status = status;
    this.contentType = contentType;
    this.headers = headers;
    this.body = body;
    this.runMs = runMs;
  }
}

/** What concerns the connection (RFC 9110, 7.6.1) and the length are Node's, the others the app's. */
const OWN = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["te", "trailer", "transfer-encoding", "upgrade", "content-length"],
  ...["x-request-id", "x-ms-request-id", "x-ms-client-request-id", "traceparent"],
  ...["x-ms-run-fn-exec-ms", "x-ms-server-version", "x-scoring-revision"],
]);
/** Whether run() failed: "True" or "False". */
export const FUNCTION_FAILED = "x-ms-run-function-failed";

/** The body of an error, with the space that Python writes: to the byte as Azure ML's server. */
export const errorBody = (message: string) => `{"message": ${JSON.stringify(message)}}`;

/** Whether a header, named in lower case, is the server's and no script's. */
export const isOwnHeader = (name: string) => OWN.has(name);

/** Whether run() answered with a Response: Node's, or that of the undici package. */
export const isResponse = (result: unknown): result is Response =>
  (result as Response | null | undefined)?.[Symbol.toStringTag as never] === "Response";

/** @throws Error naming a header that is refused, or has a value that HTTP does not allow. */
export async function replyOf(response: Response): Promise<Reply> {
  const { status, headers } = response;
  if (status < 200) throw new Error(`run() answered with a Response of status ${status}`);
  const others: [string, string][] = [[FUNCTION_FAILED, "False"]];
  for (const [name, value] of headers) {
    if (isOwnHeader(name) || name === FUNCTION_FAILED || name.startsWith("access-control-")) {
      throw new Error(`run() answered with the header ${name}, which is the server's`);
    }
    validateHeaderValue(name, value);
    if (name !== "content-type") others.push([name, value]);
  }
  const body = Buffer.from(await response.arrayBuffer());
  return new Reply(status, headers.get("content-type") ?? "application/octet-stream", others, body);
}
