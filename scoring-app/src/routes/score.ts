import { forms, jsonForms, listed, textForms } from "../forms/forms.ts";
import { predictionsSchema, rowsSchema } from "../forms/schemas.ts";
import { JSON_TYPE, TEXT_TYPE } from "../http/exchange.ts";
import { BODY_STATUSES, type Content, ok, TEXT, WORK_STATUSES } from "../http/operation.ts";
import type { Route } from "../http/routes.ts";
import { FUNCTION_FAILED } from "../scoring/reply.ts";
import type { ScoringService } from "../scoring/service.ts";
import { scoredBy } from "./scored.ts";

const ANY_TYPE: Record<string, Content> = { "*/*": { schema: { type: "string", format: "binary" } } };

/** The bodies that /score takes, by content type: those of all forms, or whatever an entry script makes of them. */
function bodyOf({ served, sample, scorer: { schemas } }: ScoringService): Record<string, Content> {
  if (schemas) return { [JSON_TYPE]: { schema: schemas.input, example: sample } };
  const anyOf =
    served &&
    jsonForms().map((form) => ({ ...form.schema(served.signature), example: form.example(served) }));
  const json: Content = { schema: anyOf ? { anyOf } : {}, example: sample };
  const text = textForms().map((form): [string, Content] => [
    form.contentType,
    { schema: form.schema(), ...(served && { example: form.example(served) }) },
  ]);
  return { [JSON_TYPE]: json, ...Object.fromEntries(text), ...(!served && ANY_TYPE) };
}

/** Predictions in each way that a form is answered, or whatever an entry script answers. */
function answersOf({ served, scorer: { schemas } }: ScoringService): Record<string, Content> {
  if (schemas) return { [JSON_TYPE]: { schema: schemas.output } };
  if (!served) return { [JSON_TYPE]: { schema: {} }, ...ANY_TYPE };
  const predictions = predictionsSchema(served.signature);
  const wrapped = forms.flatMap(({ answer }) => (answer ? [answer.schema(predictions)] : []));
  return { [JSON_TYPE]: { schema: { anyOf: [predictions, ...wrapped] } } };
}

/** /score: POST with a body, GET with a query, OPTIONS for browsers of other origins. */
export function scoreRoute(service: ScoringService): Route {
  const { scorer, served } = service;
  const scored = scoredBy(service);
  const schema = served && rowsSchema(served.signature);
  const scoring = {
    statuses: { ...ok("Predictions, one a row"), ...BODY_STATUSES, ...WORK_STATUSES },
    answers: answersOf(service),
  };
  return {
    path: "/score",
    methods: {
      POST: {
        ...scoring,
        summary: "Scores rows",
        body: bodyOf(service),
        bodyDescription: served && listed(forms.flatMap(({ names }) => names)),
        handle: scored(({ request }, body) => scorer.read(body, request.headers["content-type"])),
      },
      GET: {
        ...scoring,
        summary: "Scores what the query says: /score?data=[[…]]",
        parameters: [{ name: "data", in: "query", required: false, description: "Rows as JSON", schema }],
        handle: scored(({ query }) => scorer.readQuery(query)),
      },
      OPTIONS: {
        summary: "CORS preflight",
        statuses: ok("Allowed origins come from AML_CORS_ORIGINS"),
        answers: { "text/plain": TEXT },
        handle: scorer.anyMethod
          ? scored((_, body) => body)
          : (exchange) => {
              exchange.addHeader(FUNCTION_FAILED, "False");
              exchange.send(200, TEXT_TYPE, "");
            },
      },
    },
  };
}
