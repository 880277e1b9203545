import type { EntryContext, EntryRequest } from "../src/scoring/entry-script.ts";

/**
 * An entry script that takes bytes of another content type, and answers with status, headers and content type of its own.
 * AZUREML_ENTRY_SCRIPT=examples/tab-separated.ts npm start
 */
const TYPE = "text/tab-separated-values";

let model: Awaited<ReturnType<EntryContext["loadModel"]>>;

export async function init(context: EntryContext): Promise<void> {
  model = await context.loadModel();
}

export async function run(data: unknown, { headers }: EntryRequest): Promise<unknown> {
  // The readiness check scores the model's sample.
  if (!Buffer.isBuffer(data)) return model.predict((data as { data: number[][] }).data);
  if (headers["content-type"] !== TYPE) return Response.json({ message: `send ${TYPE}` }, { status: 415 });
  const lines = data.toString().trimEnd().split("\n");
  const predictions = await model.predict(lines.map((line) => line.split("\t").map(Number)));
  return new Response(`${predictions.join("\n")}\n`, {
    headers: { "content-type": TYPE, "content-disposition": 'attachment; filename="predictions.tsv"' },
  });
}
