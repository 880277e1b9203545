import { readBody } from "../http/body.ts";
import type { Exchange } from "../http/exchange.ts";
import type { ScoringService } from "../scoring/service.ts";

/**
 * Reads a request's body and does its work, if there is room for it: asked before the body, so that a refusal is quick,
 * and after, so that slow senders take nobody's place.
 * @throws ScoringError 429 or 503 with Retry-After where there is none.
 */
export async function admitted(
  service: ScoringService,
  exchange: Exchange,
  work: (body: Buffer) => Promise<void>,
): Promise<void> {
  const { admission, settings } = service;
  admission.check(exchange.started, exchange);
  let held = 0;
  try {
    const body = await readBody(exchange.request, settings.maxBodyBytes, (bytes) => {
      admission.hold(bytes);
      held += bytes;
    });
    admission.check(exchange.started, exchange);
    admission.begin();
    try {
      await work(body);
    } finally {
      admission.end();
    }
  } finally {
    admission.release(held);
  }
}
