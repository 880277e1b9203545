import { badRequest } from "../errors.ts";
import { shown } from "../model/cells.ts";
import { csv } from "./csv.ts";
import { data } from "./data.ts";
import type { Form } from "./form.ts";
import { inputData } from "./input-data.ts";
import { inputs } from "./inputs.ts";
import { isObject } from "./rows.ts";

/** The forms that /score takes: /score itself, /swagger.json and the refusal of any other body come from this list. */
export const forms: Form[] = [data, inputData, inputs, csv];

export const jsonForms = () => forms.filter(({ contentType }) => contentType === "application/json");
export const textForms = () => forms.filter((form) => form.contentType !== "application/json");

/** Content types of the forms, each once. */
export const contentTypes = (): string[] => [...new Set(forms.map(({ contentType }) => contentType))];

/** Names as a sentence has them: "a, b or c". */
export const listed = (names: string[]): string =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : String(names);

/** @throws ScoringError 400 that lists the forms. */
export function formOf(body: unknown): Form {
  const found = forms.find((form) => form.matches(body));
  if (found) return found;
  const given = isObject(body) ? "an object without any of these" : shown(body);
  throw badRequest(`expected ${listed(jsonForms().flatMap(({ names }) => names))}, given ${given}`);
}
