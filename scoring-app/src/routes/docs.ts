import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inAppFolder } from "../app-folder.ts";
import { jsonOf } from "../exact-json.ts";
import { ok, TEXT } from "../http/operation.ts";
import type { Route } from "../http/routes.ts";
import type { ModelInput } from "../model/signature.ts";
import type { ScoringService } from "../scoring/service.ts";

/** What the page shows of each model. */
function modelsOf(service: ScoringService) {
  return [...service.models.values()].map(({ name, version, description, signature, checkedRows }) => ({
    name,
    version,
    description,
    checkedRows,
    columns: signature.inputs.flatMap((input) =>
      input.dims.length > 1 ? [imageOf(input)] : columnsOf(input),
    ),
  }));
}

/** A line of the table. */
interface Column {
  name: string;
  type: string;
  sample: unknown;
  range?: [number, number] | undefined;
}

/** An input of more dimensions has one line. */
const imageOf = ({ name, type, dims, width }: ModelInput): Column => ({
  name,
  type: `${type}, ${dims.join(" × ")}`,
  sample: `${width} values`,
});

const columnsOf = (input: ModelInput): Column[] =>
  input.sample.map((sample, column) => ({
    name: input.columns?.[column] ?? `${input.name}[${column}]`,
    type: input.type,
    sample,
    range: input.range?.[column],
  }));

/** /docs: one page without outside scripts; its own is allowed by its hash. */
export function docsRoute(service: ScoringService): Route {
  const template = readFileSync(inAppFolder("public/docs.html"), "utf8");
  const data = jsonOf({
    service: service.settings.serviceName,
    models: modelsOf(service),
    sample: service.sample ?? null,
  });
  // "<" could end the element that holds the data.
  const page = template.replace('"$DATA"', () => data.replaceAll("<", "\\u003c"));
  const hashOf = (element: string) => {
    const [, text] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(template)!;
    return `'sha256-${createHash("sha256").update(text!).digest("base64")}'`;
  };
  const policy =
    `default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ` +
    `script-src ${hashOf("script")}; style-src ${hashOf("style")}`;
  return {
    path: "/docs",
    methods: {
      GET: {
        summary: "A page to try the model",
        statuses: ok("HTML"),
        answers: { "text/html": TEXT },
        handle(exchange) {
          exchange.addHeader("content-security-policy", policy);
          exchange.addHeader("x-content-type-options", "nosniff");
          exchange.send(200, "text/html; charset=utf-8", page);
        },
      },
    },
  };
}
