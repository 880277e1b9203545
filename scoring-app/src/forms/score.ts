import { ScoringError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import type { Form } from "./form.ts";
import { formOf, forms } from "./forms.ts";
import { checkMembers } from "./members.ts";
import { NumberTable } from "./number-table.ts";
import type { Json } from "./rows.ts";

/**
 * Scores a body, parsed, with a model: what an app without an entry script does.
 * @param maxRows 413 for more rows.
 * @param fromScript whether an entry script passes it on, which may have members of its own in it.
 * @throws ScoringError 400 naming what was expected and what was given.
 */
export function scoreBody(
  model: Model,
  body: unknown,
  maxRows: number,
  fromScript = false,
): Promise<unknown> {
  if (body instanceof NumberTable) {
    checkRows(body.feed.rows, maxRows);
    return model.queueFeed(body.feed);
  }
  const form = formOf(body);
  checkBody(form, body, fromScript);
  const { rows, method } = form.read(model, body);
  checkRows(rows.length, maxRows);
  const predictions = model.queue(rows, method);
  return form.answer ? predictions.then(form.answer.wrap) : predictions;
}

/** What many clients send, and what changes no answer: a name of the request, and the types that pandas writes beside a table. */
const LABELS = ["id", "schema"];

/** Of members of an entry script's own, those are refused that some form has in this or another place or case. */
function checkBody({ members, whole }: Form, body: unknown, fromScript: boolean): void {
  if (!members) return;
  const taken = () => forms.flatMap((form) => form.members ?? []).map((name) => name.toLowerCase());
  const isKnown = (name: string) =>
    members.includes(name) || (fromScript ? !taken().includes(name.toLowerCase()) : LABELS.includes(name));
  checkMembers(body as Json, isKnown, "", whole!);
}

/** 413 for more rows than a request may have. */
export function checkRows(rows: number, maxRows: number): void {
  if (rows > maxRows) throw new ScoringError(413, `${rows} rows; a request may have ${maxRows} (MAX_ROWS)`);
}
