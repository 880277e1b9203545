import type { Method, Model } from "../model/model.ts";
import type { Signature } from "../model/signature.ts";
import type { Schema } from "./schemas.ts";

/** Rows in a model's column order, and what is asked of them. */
export interface Scoring {
  rows: unknown[];
  method: Method;
}

/** What every form has. */
interface Common {
  /** How a refusal, which lists the forms, names it. */
  names: string[];
  /** The members of a body, and how one is written whole; what other members a body has, score.ts refuses. */
  members?: string[];
  whole?: string;
  /** Whether a parsed body has this form; what else is wrong with it, `read` says. */
  matches(body: unknown): boolean;
  /** @throws ScoringError 400 naming what was expected and what was given. */
  read(model: Model, body: unknown): Scoring;
  /** A body for a model, with its sample: JSON, or text where the form has a content type of its own. */
  example(model: Model): unknown;
  /** How the predictions are answered; a bare array unless told. */
  answer?: {
    wrap(predictions: unknown[]): unknown;
    /** Of the answer in OpenAPI 3. @param predictions the schema of what `wrap` takes. */
    schema(predictions: Schema): Schema;
  };
}

interface JsonForm extends Common {
  contentType: "application/json";
  /** Of its bodies for a model, in OpenAPI 3. */
  schema(signature: Signature): Schema;
}

interface TextForm extends Common {
  contentType: `text/${string}`;
  /** Of its text, in OpenAPI 3. */
  schema(): Schema;
  /** To what `matches` and `read` take, and run() of an entry script. @throws ScoringError 400 */
  parse(text: string): unknown;
}

/** A form that a body of /score may have. Of each there is a file in this folder and a row in forms.ts. */
export type Form = JsonForm | TextForm;
