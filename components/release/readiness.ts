import { excerpt, reasonOf } from "../arguments/errors";
import { ContainerLog, type LogAnswer } from "./container-log";

/** What is waited for. */
export interface Target {
  /** https://HOST, without a slash at the end. */
  baseUrl: string;
  /** The revision that must answer; an earlier one goes on serving until the new container is up. */
  revision: string;
  /** Instances that the front end chooses from. */
  instances: number;
  /** Seconds. */
  timeout: number;
}

/** The outside world, so that tests bring their own. */
export interface World {
  fetch: typeof fetch;
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  report(progress: string, keep?: boolean): void;
  log(): Promise<LogAnswer>;
  /** Throws where another image or revision is set; returns when the web app was written last, by Azure's time. */
  checkSite(): Promise<number>;
}

/** The revision did not come up; `message` completes "The web app is". */
export class NotReadyError extends Error {}

/** Milliseconds, as are the next ones. */
const POLL_INTERVAL = 1000;
const LOG_INTERVAL = 5000;
const REPORT_INTERVAL = 10_000;
const REQUEST_TIMEOUT = 30_000;
/** The front end holds a request while it starts a container; asking again shows progress and loses nothing. */
const HOLD = 10_000;
/** Where the scoring app says that it has scored its sample; the platform's health check asks there too. */
export const READY_PATH = "/v2/health/ready";
/** Answers on new connections, of which none may come from an earlier revision where there are several instances. */
const ANSWERS = 20;
const NOTHING_SCORED = "has scored nothing (put a sample_request.json beside its script)";
/** Lines of the log that are shown at once. */
export const LOG_LINES = 30;

/**
 * Resolves once the revision has answered on its ready path and has scored the model's own sample.
 * @throws NotReadyError when the time is up, or at once when waiting cannot help
 */
export async function waitUntilReady(target: Target, world: World): Promise<void> {
  const { baseUrl, revision, timeout } = target;
  const start = world.now();
  const elapsed = () => world.now() - start;
  const remaining = () => timeout * 1000 - elapsed();
  const seconds = () => `${Math.round(elapsed() / 1000)} s`;
  const written = await world.checkSite();
  const log = new ContainerLog();
  let [nextLook, nextReport, told] = [0, 0, ""];
  const look = async () => {
    const lines = await log.read(world.log, written, elapsed());
    for (const line of lines.slice(-LOG_LINES)) world.report(line);
    nextLook = elapsed() + LOG_INTERVAL;
    const verdict = log.verdict(elapsed());
    if (verdict) throw new NotReadyError(verdict);
    // Another revision answers until the new one is up, or because somebody has set it.
    if (told.includes(" 200 by ")) await world.checkSite();
  };
  for (let outcome = "no answer yet"; ; ) {
    // Every new outcome and, in between, that it still waits; an engine without a terminal prints each as a line.
    if (outcome !== told || elapsed() >= nextReport) {
      world.report(`Waiting for revision ${revision} at ${baseUrl}: ${seconds()}, ${outcome}`);
      [nextReport, told] = [elapsed() + REPORT_INTERVAL, outcome];
    }
    try {
      // Enough for an answer: a computer may wake up from sleep after the end.
      const most = Math.min(REQUEST_TIMEOUT, remaining());
      const scored = await checkOnce(target, world, Math.max(POLL_INTERVAL, most));
      await look();
      if (log.replacing(elapsed())) throw new NotYetError("it answers, and another of it is started");
      await world.checkSite();
      const unread = log.problem ? ` (its container log could not be read: ${log.problem})` : "";
      const what = scored ? "has scored its sample" : NOTHING_SCORED;
      return world.report(`Revision ${revision} is ready and ${what}: ${seconds()}${unread}`, !scored);
    } catch (error) {
      if (!(error instanceof NotYetError)) throw error;
      outcome = error.message;
    }
    if (elapsed() >= nextLook) await look();
    if (remaining() <= POLL_INTERVAL)
      throw new NotReadyError(`not ready within ${timeout} s (setting readyTimeout): ${outcome}`);
    await world.sleep(POLL_INTERVAL);
  }
}

/** An outcome that the next attempt may better. */
class NotYetError extends Error {}

async function checkOnce(target: Target, world: World, timeout: number): Promise<boolean> {
  const request = async (path: string, init: RequestInit = {}) => {
    const signal = AbortSignal.timeout(Math.ceil(path === READY_PATH ? Math.min(timeout, HOLD) : timeout));
    try {
      const response = await world.fetch(target.baseUrl + path, { ...init, signal, redirect: "manual" });
      return checkedAnswer(path, response, await response.text(), target.revision);
    } catch (error) {
      throw error instanceof NotYetError || error instanceof NotReadyError
        ? error
        : connectionError(error as Error);
    }
  };
  await request(READY_PATH);
  const { sample, rows } = sampleOf(parsed("/swagger.json", await request("/swagger.json?version=3")));
  const scoring = { method: "POST", headers: { "content-type": "application/json", connection: "close" } };
  if (sample !== undefined) {
    const answer = await request("/score", { ...scoring, body: JSON.stringify(sample) });
    if (rows) checkPredictions(sample, parsed("/score", answer));
  }
  // Which instance answers is the front end's choice, at each new connection anew.
  const headers = { connection: "close" };
  for (let left = target.instances > 1 ? ANSWERS : 0; left > 0; left--)
    await request(READY_PATH, { headers });
  return sample !== undefined;
}

/** Certificates that no waiting makes trusted, unlike an expired one or one for another name while a site is new. */
const UNTRUSTED = /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF_SIGNATURE)/;

function connectionError(error: Error): Error {
  const { code = "" } = (error.cause ?? {}) as { code?: string };
  if (!UNTRUSTED.test(code)) return new NotYetError(reasonOf(error));
  return new NotReadyError(
    `not trusted, by its certificate (${code}): name its authority's certificate in NODE_EXTRA_CA_CERTS`,
  );
}

function checkedAnswer(path: string, answer: Response, text: string, expected: string): string {
  const { status, headers } = answer;
  const revision = headers.get("x-scoring-revision");
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
  return text;
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotReadyError(`not scoring: ${path} answered no JSON: ${excerpt(text)}`);
  }
}

/** The body that the app scores, and whether it is a model's rows: what an entry script answers, e.g. an image, is its own affair. */
function sampleOf(swagger: unknown): { sample: unknown; rows: boolean } {
  type Content = { example?: unknown; schema?: { anyOf?: unknown } };
  type Operation = { requestBody?: { content?: Record<string, Content> } };
  const { paths } = (swagger ?? {}) as { paths?: Record<string, { post?: Operation }> };
  const { example, schema } = paths?.["/score"]?.post?.requestBody?.content?.["application/json"] ?? {};
  // Of a model, every form of its rows is described.
  return { sample: example, rows: schema?.anyOf !== undefined };
}

/** Rows are answered by an array, a prediction each. */
function checkPredictions(sample: unknown, predictions: unknown): void {
  const rows = (sample as { data?: unknown } | null)?.data;
  if (!Array.isArray(rows) || !Array.isArray(predictions) || predictions.length === rows.length) return;
  const answer = `${predictions.length} predictions for the ${rows.length} rows`;
  throw new NotReadyError(`not scoring: /score answered ${answer} of the model's own sample`);
}
