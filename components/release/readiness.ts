/** What is waited for. */
export interface Target {
  /** https://HOST, without a slash at the end. */
  baseUrl: string;
  /** The revision that must answer; an earlier one goes on serving until the new container is up. */
  revision: string;
  /** Seconds. */
  timeout: number;
}

/** The outside world, so that tests bring their own. */
export interface World {
  fetch: typeof fetch;
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  report(progress: string): void;
}

/** The revision did not come up; `message` completes "The web app is". */
export class NotReadyError extends Error {}

/** Milliseconds, as are the next ones. */
const POLL_INTERVAL = 1000;
const REPORT_INTERVAL = 10_000;
/** The front end holds a request while it starts a container; asking again shows progress and loses nothing. */
const REQUEST_TIMEOUT = 30_000;
const REVISION_HEADER = "x-scoring-revision";
/** Where the scoring app says that it has scored its sample; the platform's health check asks there too. */
export const READY_PATH = "/v2/health/ready";

/**
 * Resolves once the revision has answered on its ready path and has scored the model's own sample.
 * @throws NotReadyError when the time is up, or at once when waiting cannot help
 */
export async function waitUntilReady(target: Target, world: World): Promise<void> {
  const start = world.now();
  const elapsed = () => world.now() - start;
  const remaining = () => target.timeout * 1000 - elapsed();
  const report = progressReport(target, elapsed, world);
  for (let outcome = "no answer yet"; ; ) {
    report(outcome);
    try {
      await checkOnce(target, world, requestTimeout(remaining()));
      const seconds = Math.round(elapsed() / 1000);
      return world.report(`Revision ${target.revision} is ready and has scored its sample: ${seconds} s`);
    } catch (error) {
      if (!(error instanceof NotYetError)) throw error;
      outcome = error.message;
    }
    if (remaining() <= POLL_INTERVAL) {
      throw new NotReadyError(`not ready within ${target.timeout} s (setting readyTimeout): ${outcome}`);
    }
    await world.sleep(POLL_INTERVAL);
  }
}

/** Tells every new outcome and, in between, that it still waits; an engine without a terminal prints each as a line. */
function progressReport({ baseUrl, revision }: Target, elapsed: () => number, world: World) {
  let told = "";
  let tell = 0;
  return (outcome: string) => {
    if (outcome === told && elapsed() < tell) return;
    world.report(
      `Waiting for revision ${revision} at ${baseUrl}: ${Math.round(elapsed() / 1000)} s, ${outcome}`,
    );
    told = outcome;
    tell = elapsed() + REPORT_INTERVAL;
  };
}

/** What is left of the time, but enough for an answer: a computer may wake up from sleep after the end. */
function requestTimeout(remaining: number): number {
  return Math.ceil(Math.max(POLL_INTERVAL, Math.min(REQUEST_TIMEOUT, remaining)));
}

/** An outcome that the next attempt may better. */
class NotYetError extends Error {}

async function checkOnce(target: Target, world: World, timeout: number): Promise<void> {
  const request = async (path: string, init: RequestInit = {}) => {
    const response = await send(world, target.baseUrl + path, {
      ...init,
      signal: AbortSignal.timeout(timeout),
    });
    return checkedAnswer(path, response, target.revision);
  };
  await request(READY_PATH);
  const sample = sampleOf(await request("/swagger.json?version=3"));
  const predictions = await request("/score", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(sample),
  });
  checkPredictions(sample, predictions);
}

interface Answer {
  status: number;
  revision: string | null;
  text: string;
}

async function send(world: World, url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await world.fetch(url, { ...init, redirect: "manual" });
    return {
      status: response.status,
      revision: response.headers.get(REVISION_HEADER),
      text: await response.text(),
    };
  } catch (error) {
    throw connectionError(error as Error);
  }
}

/** Certificates that no waiting makes trusted, unlike an expired one or one for another name while a site is new. */
const UNTRUSTED = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

function connectionError(error: Error): Error {
  if (error.name === "TimeoutError") return new NotYetError("no answer in time");
  const cause = error.cause as { code?: string; message?: string } | undefined;
  if (cause?.code && UNTRUSTED.includes(cause.code)) {
    return new NotReadyError(
      `not trusted, by its certificate (${cause.code}): name its authority's certificate in NODE_EXTRA_CA_CERTS`,
    );
  }
  return new NotYetError(cause?.message || cause?.code || error.message);
}

function checkedAnswer(path: string, { status, revision, text }: Answer, expected: string): unknown {
  if (status === 403 && /web app is stopped/i.test(text)) {
    throw new NotReadyError("stopped: start it with `az webapp start` and run `pulumi up` again");
  }
  if (revision !== expected) {
    const by = revision ? `revision ${revision}` : "none of the app's revisions";
    throw new NotYetError(`${path} answered ${status} by ${by}`);
  }
  if (status !== 200) {
    const failure = `${path} answered ${status}: ${excerpt(text)}`;
    // What the ready path or the platform says may change; the app's own refusal of its own sample does not.
    const final = path !== READY_PATH && status >= 400 && status < 500 && status !== 408 && status !== 429;
    throw final ? new NotReadyError(`not scoring: ${failure}`) : new NotYetError(failure);
  }
  if (path === READY_PATH) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new NotReadyError(`not scoring: ${path} answered no JSON: ${excerpt(text)}`);
  }
}

interface OpenApi {
  paths?: Record<string, { post?: { requestBody?: { content?: Record<string, { example?: unknown }> } } }>;
}

function sampleOf(swagger: unknown): unknown {
  const body = (swagger as OpenApi | null)?.paths?.["/score"]?.post?.requestBody;
  const sample = body?.content?.["application/json"]?.example;
  if (sample === undefined)
    throw new NotReadyError("not scoring: /swagger.json has no example for POST /score");
  return sample;
}

/** Rows are answered by an array, a prediction each; what an entry script takes and answers otherwise is its own affair. */
function checkPredictions(sample: unknown, predictions: unknown): void {
  const rows = (sample as { data?: unknown } | null)?.data;
  if (!Array.isArray(rows) || !Array.isArray(predictions) || predictions.length === rows.length) return;
  const answer = `${predictions.length} predictions for the ${rows.length} rows`;
  throw new NotReadyError(`not scoring: /score answered ${answer} of the model's own sample`);
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line || "(empty)";
}
