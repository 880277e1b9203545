import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Seconds with seven decimals, as the platform prints them. */
export function elapsedSeconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(7);
}

/**
 * One plain HTTP GET to a container on 127.0.0.1.
 *
 * @returns the status; undefined when there was no HTTP answer in `timeout` milliseconds.
 */
export function ping(
  port: number,
  path: string,
  headers: Record<string, string>,
  timeout: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const get = request({
      host: "127.0.0.1",
      port,
      // Anybody's text, of which Node would refuse some characters.
      path: path.toWellFormed().replace(/[^\x21-\xff]/gu, encodeURIComponent),
      headers: { host: `127.0.0.1:${port}`, ...headers },
      agent: false,
      signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeout)]) : AbortSignal.timeout(timeout),
    });
    get.once("response", (response) => {
      response.destroy();
      resolve(response.statusCode);
    });
    // Refused, reset, not HTTP, too late: to a probe all of these are "no answer".
    get.once("error", () => resolve(undefined));
    get.end();
  });
}

/** The answer to one warm-up request, as `ping` has it. */
export function warmUpStatus(
  port: number,
  path: string,
  timeout = 5_000,
  signal?: AbortSignal,
): Promise<number | undefined> {
  return ping(port, path, { "user-agent": "HealthCheck/1.0" }, timeout, signal);
}

/** Whether an answer ends a warm-up: any does where no statuses are wanted. */
export function isReady(status: number | undefined, wanted: number[]): boolean {
  return status !== undefined && (wanted.length === 0 || wanted.includes(status));
}

/** How a warm-up ended; `port` is the host port that answered. */
export type WarmUp = { result: "ready"; port: number } | { result: "exited" | "timeout" };

/**
 * Asks each of the host ports until one answers HTTP, the container exits or the limit is over.
 *
 * @param waiting - Called every `waitingLine` milliseconds.
 * @throws the signal's reason when a newer start supersedes this one.
 */
export async function warmUp(options: {
  hostPorts: number[];
  path: string;
  statuses: number[];
  exited: Promise<unknown>;
  limit: number;
  interval: number;
  waitingLine: number;
  waiting: () => void;
  signal: AbortSignal;
}): Promise<WarmUp> {
  const { hostPorts, path, statuses, limit, interval, signal } = options;
  const deadline = performance.now() + limit;
  const ended = new AbortController();
  let exited = false;
  const exit = options.exited.then(() => {
    exited = true;
    ended.abort();
  });
  const stop = AbortSignal.any([signal, ended.signal]);
  const waiting = setInterval(options.waiting, options.waitingLine);
  try {
    for (;;) {
      for (const port of hostPorts) {
        const timeout = Math.max(1, Math.ceil(Math.min(5_000, deadline - performance.now())));
        const status = await warmUpStatus(port, path, timeout, stop);
        signal.throwIfAborted();
        if (isReady(status, statuses)) return { result: "ready", port };
        if (exited) break;
      }
      // A container that ended before its ports were known has none to ask.
      if (exited) return { result: "exited" };
      if (performance.now() >= deadline) return { result: "timeout" };
      await Promise.race([exit, pause(interval, stop)]);
    }
  } finally {
    clearInterval(waiting);
  }
}

/** Resolves after `time` milliseconds, or at once when the signal aborts. */
export async function pause(time: number, signal: AbortSignal): Promise<void> {
  await delay(time, undefined, { signal }).catch(() => undefined);
}
