import { badRequest } from "../errors.ts";
import { scoreBody } from "../forms/score.ts";
import type { Log } from "../log.ts";
import { loadModel } from "../model/load.ts";
import type { Model } from "../model/model.ts";
import type { Program } from "../runtime/python/served-python.ts";
import type { OpenSession, Scorer } from "../runtime/runtime.ts";
import type { Settings } from "../settings.ts";
import { Admission } from "./admission.ts";
import { type EntryScript, importEntryScript, ServedScript } from "./entry-script.ts";
import { ServedModel } from "./served-model.ts";

export interface ServiceOptions {
  /** Opens the models. */
  open: OpenSession;
  /** Instead of AZUREML_ENTRY_SCRIPT. */
  entry?: EntryScript;
  onRun?: (rows: number, requests: number) => void;
  log: Log;
  /** Told when what scores is gone for good. */
  onHopeless?: ((error: Error) => void) | undefined;
}

/** What a Python process runs, where one answers /score. */
async function programOf(settings: Settings): Promise<Program | undefined> {
  const { entryScript, mlflowModel } = settings;
  if (mlflowModel !== undefined) {
    const { mlflowProgram } = await import("../runtime/python/mlflow/program.ts");
    return mlflowProgram(mlflowModel, settings.gather);
  }
  if (!entryScript?.endsWith(".py")) return undefined;
  const { scriptProgram } = await import("../runtime/python/served-python.ts");
  return scriptProgram(entryScript, settings.workers);
}

/** The models, what answers /score, and how much work is under way. */
export class ScoringService {
  /** In the order of loading; the first is the one whose sample stands for the app. */
  readonly models: Map<string, Model>;
  /** The model that /score serves by itself; undefined where an entry script does, which may take and answer anything. */
  readonly served: Model | undefined;
  readonly scorer: Scorer;
  readonly settings: Settings;
  readonly admission: Admission;
  #ready = false;

  private constructor(
    settings: Settings,
    models: Map<string, Model>,
    served: Model | undefined,
    scorer: Scorer,
  ) {
    this.settings = settings;
    this.models = models;
    this.served = served;
    this.scorer = scorer;
    this.admission = new Admission(settings, scorer.clock);
  }

  /** Loads the model, or the entry script, which loads models. */
  static async start(settings: Settings, options: ServiceOptions): Promise<ScoringService> {
    const { entryScript, modelDirectory, modelName, maxRows, gather, scoringTimeoutMs: timeoutMs } = settings;
    const { open, onRun } = options;
    const models = new Map<string, Model>();
    const program = options.entry ? undefined : await programOf(settings);
    if (program) {
      const { ServedPython } = await import("../runtime/python/served-python.ts");
      const { log, onHopeless = () => {} } = options;
      const { python } = settings;
      const scorer = await ServedPython.start(program, { python, log, timeoutMs, onHopeless });
      return new ScoringService(settings, models, undefined, scorer);
    }
    const load = async (folder = modelDirectory, name?: string) => {
      const wanted = name ?? (models.size === 0 ? modelName : undefined);
      const model = await loadModel(folder, open, { name: wanted, onRun, gather, timeoutMs });
      if (models.has(model.name)) throw new Error(`two models are named "${model.name}"`);
      models.set(model.name, model);
      return model;
    };
    const script = options.entry ?? (entryScript ? await importEntryScript(entryScript) : undefined);
    if (!script) {
      const model = await load();
      return new ScoringService(settings, models, model, new ServedModel(model, maxRows));
    }
    await script.init({
      modelDirectory,
      badRequest,
      loadModel: load,
      score: async (model, body) => scoreBody(model, body, maxRows, true),
    });
    return new ScoringService(settings, models, undefined, new ServedScript(script, models, timeoutMs));
  }

  /** A request body that the app scores: what /swagger.json shows and the readiness check sends. */
  get sample(): unknown {
    return this.scorer.sample;
  }

  get ready(): boolean {
    return this.#ready && (this.scorer.ready ?? true);
  }

  /** Scores the sample; only then is the app ready. */
  async warmUp(): Promise<void> {
    await this.scorer.warmUp();
    this.admission.reset(performance.now());
    this.#ready = true;
  }

  /** Ends what scores. */
  async stop(): Promise<void> {
    await this.scorer.stop?.();
  }

  /** From now on the ready path says no; requests are still served. */
  drain(): void {
    this.#ready = false;
  }
}
