import { bodyAtOnce, bodyInPieces, checkHead, inflated, tooLarge } from "../http/body.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Handler } from "../http/routes.ts";
import type { ScoringService } from "../scoring/service.ts";
import { endOfTurn } from "../turn.ts";

/** What a request asks for, in two halves around the only wait. */
export interface Work<T> {
  run(exchange: Exchange, body: Buffer): T | Promise<T>;
  /** Answers with what `run` gave. */
  answer(exchange: Exchange, result: T): void;
}

/**
 * A handler that reads the body and does the work, if there is room for it: asked before the body, so that a refusal is
 * quick, and after, so that slow senders take nobody's place. The rest is answered with 429 or 503 and Retry-After.
 * One function with two waits, since every promise more costs a hundredth of a request.
 */
export function admitted<T>(service: ScoringService, { run, answer }: Work<T>): Handler {
  const { admission, settings } = service;
  const limit = settings.maxBodyBytes;
  const serve = async (exchange: Exchange) => {
    const { request, started } = exchange;
    let held = 0;
    let begun = false;
    const hold = (bytes: number) => {
      // There would never be room for it.
      if (held + bytes > settings.maxQueueBytes) throw tooLarge(settings.maxQueueBytes, "MAX_QUEUE_BYTES");
      admission.hold(bytes);
      held += bytes;
    };
    try {
      admission.check(started, exchange);
      const gzip = checkHead(request, limit);
      // Nearly every body is there then.
      await endOfTurn();
      let body = bodyAtOnce(request, limit);
      if (body !== undefined) hold(body.length);
      else body = await bodyInPieces(request, limit, hold);
      if (gzip) body = await inflated(body, limit, hold);
      admission.check(started, exchange);
      admission.begin();
      begun = true;
      answer(exchange, await run(exchange, body));
    } catch (error) {
      exchange.fail(error);
    } finally {
      if (begun) admission.end();
      admission.release(held);
    }
  };
  return (exchange) => void serve(exchange);
}
