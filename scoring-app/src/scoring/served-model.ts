import { parseContent, parseQuery } from "../forms/content.ts";
import { data } from "../forms/data.ts";
import { parseJson } from "../forms/json.ts";
import { readNumberTable } from "../forms/number-table.ts";
import { scoreBody } from "../forms/score.ts";
import type { Model } from "../model/model.ts";
import { isExact } from "../model/signature.ts";
import type { Scorer } from "../runtime/runtime.ts";

/** Answers /score with a model's predictions: what an app without an entry script does. */
export class ServedModel implements Scorer {
  readonly sample: unknown;
  readonly #model: Model;
  readonly #maxRows: number;
  readonly #exact: boolean;
  /** Most bodies are a plain table of numbers: of these no objects are made. */
  readonly #readJson: (body: Buffer) => unknown;

  constructor(model: Model, maxRows: number) {
    this.sample = data.example(model);
    this.#model = model;
    this.#maxRows = maxRows;
    this.#exact = isExact(model.signature);
    this.#readJson = (body) => readNumberTable(body, model.signature) ?? parseJson(body, this.#exact);
  }

  read(body: Buffer, contentType: string | undefined): unknown {
    return parseContent(contentType, body, this.#readJson);
  }

  readQuery(query: string): unknown {
    return parseQuery(query, this.#exact);
  }

  async warmUp(): Promise<void> {
    await this.run(this.sample);
  }

  run(body: unknown): Promise<unknown> {
    return scoreBody(this.#model, body, this.#maxRows);
  }
}
