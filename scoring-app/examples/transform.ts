import type { EntryContext, EntryRequest } from "../src/scoring/entry-script.ts";

/**
 * An entry script that changes request and answer: patients by name, of whom anything may be unknown.
 * AZUREML_ENTRY_SCRIPT=examples/transform.ts npm start
 */
interface Request {
  patients: Record<string, number>[];
}

/** Request body for the readiness check, /swagger.json and /docs. */
export const sample: Request = { patients: [{ age: 0.038, bmi: 0.062, bp: 0.022 }] };

let context: EntryContext;
let model: Awaited<ReturnType<EntryContext["loadModel"]>>;

export async function init(given: EntryContext): Promise<void> {
  context = given;
  model = await context.loadModel();
}

export async function run(data: unknown, request: EntryRequest): Promise<unknown> {
  const patients = (data as Request | null)?.patients;
  if (!Array.isArray(patients)) throw context.badRequest('expected {"patients": [{"bmi": 0.06}]}');
  // The features are centred: 0 is the average patient's.
  const rows = patients.map((patient) => model.signature.columns!.map((name) => patient?.[name] ?? 0));
  const progression = (await model.predict(rows)) as number[];
  return {
    request: request.requestId,
    patients: progression.map((value) => ({ progression: Math.round(value), high: value > 150 })),
  };
}
