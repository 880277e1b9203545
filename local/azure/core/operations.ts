import { randomUUID } from "node:crypto";
import { ArmError, errorBody } from "./errors.ts";
import { ok } from "./ok.ts";
import type { ArmRequest, ArmResponse } from "./types.ts";

/** Seconds; everything here is done in a moment or two. */
const retryAfter = "1";
/** Outcomes of the newest operations are kept for their polls. */
const kept = 1000;

interface Operation {
  style: "Azure-AsyncOperation" | "Location";
  name: string;
  started: string;
  outcome?: { response?: ArmResponse; error?: ArmError };
}

/** Long-running operations of this process, by the path of their polls. */
export class RunningOperations {
  readonly #operations = new Map<string, Operation>();
  readonly #log: (line: string) => void;
  readonly #running = new Set<Promise<void>>();

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /**
   * Starts `work` and returns the headers of the first answer (Azure-AsyncOperation or Location, Retry-After).
   * A poll answers InProgress until it settles; a rejected ArmError becomes the operation's error.
   *
   * @param path - of the polls, without the operation's name.
   */
  start(
    style: "Azure-AsyncOperation" | "Location",
    request: ArmRequest,
    path: string,
    work: () => Promise<ArmResponse | undefined>,
  ): Record<string, string> {
    const name = randomUUID();
    const poll = `${path}/${name}`;
    const operation: Operation = { style, name, started: new Date().toISOString() };
    this.#operations.set(poll.toLowerCase(), operation);
    const oldest = this.#operations.keys().next().value;
    if (this.#operations.size > kept && oldest !== undefined) this.#operations.delete(oldest);
    const running = work().then(
      (response) => {
        operation.outcome = { response };
      },
      (failure: unknown) => {
        const { message, stack } = failure as Error;
        const known = failure instanceof ArmError;
        if (!known) this.#log(`${request.method} ${request.path} failed: ${stack}`);
        operation.outcome = { error: known ? failure : new ArmError(500, "InternalServerError", message) };
      },
    );
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
    const url = `${request.origin}${poll}?api-version=${request.apiVersion}`;
    return { [style]: url, "Retry-After": retryAfter };
  }

  /** The answer to a poll; undefined when `path` is not an operation's. */
  poll(path: string, url: string): ArmResponse | undefined {
    const operation = this.#operations.get(path.toLowerCase());
    if (!operation) return undefined;
    const { outcome, style } = operation;
    if (style === "Location") {
      if (!outcome) return { status: 202, headers: { Location: url, "Retry-After": retryAfter } };
      if (outcome.error) return { status: outcome.error.status, body: errorBody(outcome.error) };
      return outcome.response ?? { status: 200 };
    }
    const body = { id: path, name: operation.name, startTime: operation.started };
    if (!outcome) return ok({ ...body, status: "InProgress" }, { [style]: url, "Retry-After": retryAfter });
    if (outcome.error) return ok({ ...body, status: "Failed", ...errorBody(outcome.error) });
    return ok({ ...body, status: "Succeeded" });
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
