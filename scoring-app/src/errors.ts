/**
 * The one error of this server: what a client is told, with which status.
 * Anything else that is thrown is a fault of ours or of the entry script, and becomes a 500 without details.
 */
export class ScoringError extends Error {
  readonly status: number;
  /** Seconds after which the client may try again (Retry-After); only with 429 and 503. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.name = "ScoringError";
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** 400: the request's content is at fault; the message names where, what was expected and what was given. */
export function badRequest(message: string): ScoringError {
  return new ScoringError(400, message);
}

/** The message of anything thrown, also of what has no text. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return typeof error;
  }
}

/** 504: run(), or the wait for the model, took longer than SCORING_TIMEOUT_MS. */
export function scoringTimeout(limitMs: number): ScoringError {
  return new ScoringError(504, `Scoring timeout after ${limitMs} ms`);
}
