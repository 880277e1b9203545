import { ScoringError } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { formOf } from "./forms.ts";
import { NumberTable } from "./number-table.ts";

/**
 * Scores a body, parsed, with a model: what an app without an entry script does.
 * @param maxRows 413 for more rows.
 * @throws ScoringError 400 naming what was expected and what was given.
 */
export function scoreBody(model: Model, body: unknown, maxRows: number): Promise<unknown> {
  if (body instanceof NumberTable) {
    checkRows(body.feed.rows, maxRows);
    return model.queueFeed(body.feed);
  }
  const { read, answer } = formOf(body);
  const { rows, method } = read(model, body);
  checkRows(rows.length, maxRows);
  const predictions = model.queue(rows, method);
  return answer ? predictions.then(answer.wrap) : predictions;
}

/** 413 for more rows than a request may have. */
export function checkRows(rows: number, maxRows: number): void {
  if (rows > maxRows) throw new ScoringError(413, `${rows} rows; a request may have ${maxRows} (MAX_ROWS)`);
}
