import { badRequest, scoringTimeout } from "../errors.ts";
import { loadModel, type Model } from "../model/model.ts";
import type { Settings } from "../settings.ts";
import { Admission } from "./admission.ts";
import {
  defaultEntryScript,
  type EntryRequest,
  type EntryScript,
  importEntryScript,
} from "./entry-script.ts";
import { scoreBody } from "./forms.ts";
import { type NumberTable, readNumberTable } from "./number-table.ts";

export interface ServiceOptions {
  entry?: EntryScript;
  onRun?: (rows: number, requests: number) => void;
}

/** The models, the entry script over them, and how much work is under way. */
export class ScoringService {
  /** In the order of loading; the first is the one whose sample stands for the app. */
  readonly models = new Map<string, Model>();
  readonly settings: Settings;
  readonly #entry: EntryScript;
  /** The model of the default entry script; undefined where somebody's own is served, whose run() may wait for anything. */
  #served: Model | undefined;
  #sample: unknown;
  #ready = false;
  readonly admission: Admission;

  private constructor(settings: Settings, own: EntryScript | undefined) {
    this.settings = settings;
    this.admission = new Admission(settings);
    this.#entry = own ?? defaultEntryScript(settings.maxRows);
  }

  /** Loads the entry script, which loads the models. */
  static async start(settings: Settings, options: ServiceOptions = {}): Promise<ScoringService> {
    const { entryScript, modelDirectory, modelName, maxRows, scoringTimeoutMs: timeoutMs } = settings;
    const { onRun, entry: own = entryScript ? await importEntryScript(entryScript) : undefined } = options;
    const service = new ScoringService(settings, own);
    const entry = service.#entry;
    await entry.init({
      modelDirectory,
      badRequest,
      loadModel: async (folder = modelDirectory, name) => {
        const wanted = name ?? (service.models.size === 0 ? modelName : undefined);
        const model = await loadModel(folder, { name: wanted, onRun, timeoutMs });
        if (service.models.has(model.name)) throw new Error(`two models are named "${model.name}"`);
        service.models.set(model.name, model);
        return model;
      },
      score: async (model, body) => scoreBody(model, body, maxRows),
    });
    const first = service.models.values().next().value;
    if (!own) service.#served = first;
    service.#sample = entry.sample ?? (first && { data: [first.sample] });
    return service;
  }

  /** A request body that the app scores: what /swagger.json shows and the readiness check sends. */
  get sample(): unknown {
    return this.#sample;
  }

  get ready(): boolean {
    return this.#ready;
  }

  /** Scores the sample; only then is the app ready. */
  async warmUp(): Promise<void> {
    if (this.#sample !== undefined) {
      await this.score(this.#sample, { requestId: "warm-up", traceparent: undefined });
    }
    this.admission.reset(performance.now());
    this.#ready = true;
  }

  /** From now on the ready path says no; requests are still served. */
  drain(): void {
    this.#ready = false;
  }

  /**
   * Reads a JSON body that is a plain table of numbers without making objects of it; `score` takes it.
   * @returns undefined for any other body, and where somebody's own entry script is to be given the JSON.
   */
  readTable(body: Buffer): NumberTable | undefined {
    return this.#served && readNumberTable(body, this.#served.signature);
  }

  /**
   * Runs the entry script. Somebody's own is given SCORING_TIMEOUT_MS here; the default one waits for nothing but the
   * model, whose runner keeps the time.
   * @throws ScoringError for what the client did, 504 after the time; anything else is a failure of run().
   */
  score(data: unknown, request: EntryRequest): unknown {
    const result = this.#entry.run(data, request);
    return !this.#served && result instanceof Promise ? this.#inTime(result) : result;
  }

  #inTime(result: Promise<unknown>): Promise<unknown> {
    const limit = this.settings.scoringTimeoutMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(scoringTimeout(limit)), limit);
      result.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
