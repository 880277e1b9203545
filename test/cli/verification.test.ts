import { afterEach, expect, test, vi } from "vitest";
import { scoreAndCompare } from "../../local/cli/verification.ts";

afterEach(() => vi.unstubAllGlobals());

/** An app with this example of a request, which answers every other request with this text. */
function serve(example: unknown, answer: string): void {
  const swagger = {
    paths: { "/score": { post: { requestBody: { content: { "application/json": { example } } } } } },
  };
  vi.stubGlobal("fetch", async (url: string | URL) =>
    String(url).includes("/swagger.json") ? Response.json(swagger) : new Response(answer),
  );
}

test("a model other than the committed one scores its own sample, rows or not, whatever it answers", async () => {
  const sample = { data: [[1, 2]] };
  serve(sample, "[3]");
  const lines = ["The model's own sample scores [3]."];
  expect(await scoreAndCompare("https://h/score", "examples/score-pickle")).toEqual({ body: sample, lines });
  serve("text", "no JSON");
  const other = { body: "text", lines: ['The model\'s own sample scores "no JSON".'] };
  expect(await scoreAndCompare("https://h/score", "scoring-app/model")).toEqual(other);
});

test("a model without a sample scores nothing, and it is said what would be scored", async () => {
  serve(undefined, "[3]");
  expect(await scoreAndCompare("https://h/score", "examples/score-pickle")).toEqual({
    body: undefined,
    lines: ["The model has no sample: a sample_request.json beside its script would be scored now."],
  });
});
