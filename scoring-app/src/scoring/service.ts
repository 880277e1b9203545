import { badRequest, ScoringError } from "../errors.ts";
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

/** A failure inside run(): logged whole, answered without details. */
export class RunFailure extends Error {
  constructor(cause: unknown) {
    super("run() failed", { cause });
    this.name = "RunFailure";
  }
}

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
  #sample: unknown;
  #ready = false;
  readonly admission: Admission;

  private constructor(settings: Settings, entry: EntryScript) {
    this.settings = settings;
    this.admission = new Admission(settings);
    this.#entry = entry;
  }

  /** Loads the entry script, which loads the models. */
  static async start(settings: Settings, options: ServiceOptions = {}): Promise<ScoringService> {
    const { entryScript, modelDirectory, modelName, maxRows } = settings;
    const entry =
      options.entry ?? (entryScript ? await importEntryScript(entryScript) : defaultEntryScript());
    const service = new ScoringService(settings, entry);
    await entry.init({
      modelDirectory,
      badRequest,
      loadModel: async (folder = modelDirectory, name) => {
        const wanted = name ?? (service.models.size === 0 ? modelName : undefined);
        const model = await loadModel(folder, { name: wanted, onRun: options.onRun });
        if (service.models.has(model.name)) throw new Error(`two models are named "${model.name}"`);
        service.models.set(model.name, model);
        return model;
      },
      score: (model, body) => scoreBody(model, body, maxRows),
    });
    const first = service.models.values().next().value;
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
   * Runs the entry script within SCORING_TIMEOUT_MS.
   * @throws ScoringError for what the client did, 504 after the time; RunFailure for anything else.
   */
  score(data: unknown, request: EntryRequest): Promise<unknown> {
    let result: unknown;
    try {
      result = this.#entry.run(data, request);
    } catch (error) {
      return Promise.reject(asFailure(error));
    }
    if (!(result instanceof Promise)) return Promise.resolve(result);
    const limit = this.settings.scoringTimeoutMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new ScoringError(504, `Scoring timeout after ${limit} ms`)),
        limit,
      );
      result.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error) => {
          clearTimeout(timer);
          reject(asFailure(error));
        },
      );
    });
  }
}

function asFailure(error: unknown): Error {
  return error instanceof ScoringError ? error : new RunFailure(error);
}
