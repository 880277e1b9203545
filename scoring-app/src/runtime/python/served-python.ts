import { availableParallelism } from "node:os";
import { messageOf, ScoringError } from "../../errors.ts";
import { pythonJsonOf } from "../../exact-json.ts";
import { validateHeaderName, validateHeaderValue } from "../../node-http.ts";
import { errorBody, FUNCTION_FAILED, isOwnHeader, Reply } from "../../scoring/reply.ts";
import { type ScoreRequest, type Scorer, sampleRequest } from "../runtime.ts";
import { type Answer, KIND } from "./frames.ts";
import { Interpreter, type InterpreterOptions, LateRun } from "./interpreter.ts";
import { readOwnDocuments } from "./own-documents.ts";
import { checkAnswer, readSample, type Sample } from "./sample.ts";

/** Processes in a row that end without an answer: then the next would, too. */
const HOPELESS = 3;
/** What is copied rather than sent as it is. */
const SHORT_BYTES = 16 * 1024;
const PREDICTED: Reply["headers"] = [[FUNCTION_FAILED, "False"]];

/** What a process runs. */
export interface Program extends Pick<InterpreterOptions, "script" | "setup" | "overlaps"> {
  /** What messages say of it. */
  subject: string;
  sample: Sample | undefined;
  /** Where the process does not tell them. */
  schemas?: Scorer["schemas"];
  invocations?: Scorer["invocations"];
  documents?: Scorer["documents"];
  /** What the process needs of a request beside the body, as JSON or nothing. @param always whether it asks for all. */
  headOf(request: ScoreRequest, always: boolean): string;
  /** The body that the query of a GET stands for. */
  readQuery(query: string): Buffer;
}

export interface ServedPythonOptions extends Omit<InterpreterOptions, keyof Program> {
  /** Longest run(). */
  timeoutMs: number;
  /** Told when the script's process ends again and again. */
  onHopeless(error: Error): void;
}

/** An entry script. @param workers of this app, each with a process. */
export async function scriptProgram(script: string, workers: number): Promise<Program> {
  const sample = await readSample(script);
  const documents = await readOwnDocuments();
  const overlaps = availableParallelism() > workers;
  return { script, overlaps, subject: "run()", sample, documents, headOf, readQuery: () => Buffer.alloc(0) };
}

/** Answers /score with a Python process: the run() of an entry script, or a model. A process that ends is replaced. */
export class ServedPython implements Scorer {
  readonly schemas: Scorer["schemas"];
  readonly invocations: Scorer["invocations"];
  readonly documents: Scorer["documents"];
  readonly anyMethod: boolean;
  readonly #options: ServedPythonOptions;
  readonly #program: Program;
  readonly #sample: Sample | undefined;
  readonly #started = performance.now();
  /** Undefined while a new one starts. */
  #interpreter: Interpreter | undefined;
  /** Busy time of processes that have ended. */
  #busyMs = 0;
  /** Processes that have ended since the last answer. */
  #ends = 0;
  #stopping = false;

  static async start(program: Program, options: ServedPythonOptions): Promise<ServedPython> {
    const interpreter = await Interpreter.start({ ...options, ...program }, options.timeoutMs);
    const { alone } = interpreter.description;
    if (alone) options.log.info("each request is predicted alone", { model: program.script, reason: alone });
    return new ServedPython(program, options, interpreter);
  }

  private constructor(program: Program, options: ServedPythonOptions, interpreter: Interpreter) {
    this.#program = program;
    this.#options = options;
    this.#serve(interpreter);
    const { schemas, raw } = interpreter.description;
    this.schemas = program.schemas ?? schemas ?? undefined;
    this.invocations = program.invocations;
    this.documents = program.documents;
    this.anyMethod = raw;
    const example = schemas?.input.example;
    this.#sample =
      program.sample ??
      (example === undefined ? undefined : { from: "the sample of its decorator", body: example });
  }

  get sample(): unknown {
    return this.#sample?.body;
  }

  get ready(): boolean {
    return this.#interpreter?.alive === true;
  }

  /** As that of the event loop: time in which the script has work, and other time. */
  readonly clock = () => {
    const active = this.#busyMs + (this.#interpreter?.busyMs ?? 0);
    return { active, idle: performance.now() - this.#started - active };
  };

  /** Bodies are the script's to read. */
  read(body: Buffer): Buffer {
    return body;
  }

  readQuery(query: string): Buffer {
    return this.#program.readQuery(query);
  }

  async run(body: unknown, request: ScoreRequest): Promise<Reply> {
    const interpreter = this.#interpreter;
    if (!interpreter?.alive) throw restarting();
    const head = this.#program.headOf(request, interpreter.description.heads);
    let answer: Answer;
    try {
      answer = await interpreter.ask(request.requestId, head, body as Buffer);
    } catch (error) {
      if (error instanceof LateRun) return late(this.#options.timeoutMs);
      throw restarting();
    }
    this.#ends = 0;
    return replyOf(answer);
  }

  async warmUp(): Promise<void> {
    if (!this.#sample) return;
    const body = Buffer.from(pythonJsonOf(this.#sample.body));
    checkAnswer(
      this.#program.subject,
      this.#sample,
      await this.run(body, sampleRequest(body, "application/json")),
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#interpreter?.stop();
  }

  #serve(interpreter: Interpreter): void {
    this.#interpreter = interpreter;
    void interpreter.ended.then((how) => {
      this.#busyMs += interpreter.busyMs;
      this.#interpreter = undefined;
      if (!this.#stopping) void this.#restart(how, interpreter.late);
    });
  }

  async #restart(how: string, late: boolean): Promise<void> {
    const { log, timeoutMs, onHopeless } = this.#options;
    const { script } = this.#program;
    if (!late) this.#ends++;
    if (this.#ends >= HOPELESS) {
      return onHopeless(new Error(`the process of ${script} ended ${HOPELESS} times in a row: ${how}`));
    }
    log.error("the script's process ended and is started again", { how: late ? "run() took too long" : how });
    try {
      const interpreter = await Interpreter.start({ ...this.#options, ...this.#program }, timeoutMs);
      if (this.#stopping) await interpreter.stop();
      else this.#serve(interpreter);
    } catch (error) {
      if (!this.#stopping) await this.#restart(messageOf(error), false);
    }
  }
}

const restarting = () =>
  new ScoringError(503, "the entry script's process ended and is started again; try again", 1);

/** What of a request the script needs: nothing of a POST of JSON, unless it asks for headers. A gzip body is inflated by now. */
function headOf({ method, path, query, headers, rawHeaders, body }: ScoreRequest, always: boolean): string {
  if (!always && method === "POST" && headers["content-type"] === "application/json") return "";
  // As behind Azure ML's server, values of one name are one value. Of some names Node would keep the first only.
  const all = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const before = all.get(name);
    all.set(name, before === undefined ? rawHeaders[at + 1]! : `${before},${rawHeaders[at + 1]}`);
  }
  const encoding = headers["content-encoding"]?.toLowerCase();
  if (encoding !== undefined && encoding !== "identity") {
    all.delete("content-encoding");
    all.set("content-length", String(body.length));
  }
  return JSON.stringify({ method, path, query, headers: [...all].flat() });
}

/** @throws Error of a status or header that HTTP does not have. */
function replyOf({ kind, micros, head, body }: Answer): Reply {
  const ms = micros === 0 ? null : micros / 1000;
  // Python's JSON is ASCII, unless the script has replaced json.dumps: as text, a small one goes out in one piece with the head.
  if (kind === KIND.prediction) {
    const json = body.length > SHORT_BYTES ? body : body.toString();
    return new Reply(200, "application/json", PREDICTED, json, ms);
  }
  const { status, headers } = JSON.parse(head) as { status: number; headers: [string, string][] };
  if (status < 200 || status > 999) throw new Error(`run() answered with the status ${status}`);
  for (const [name, value] of headers) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  const isType = ([name]: readonly [string, string]) => name.toLowerCase() === "content-type";
  // Several, as of an AMLResponse that is given one beside its own, are one list to clients.
  const types = headers.filter(isType).map(([, value]) => value);
  const type = types.length > 0 ? types.join(", ") : "application/octet-stream";
  // As behind Azure ML's server, whose headers of the connection and of the request take precedence.
  const others = headers.filter((header) => !isType(header) && !isOwnHeader(header[0].toLowerCase()));
  return new Reply(status, type, others, body, ms);
}

/** As Azure ML's server answers. */
function late(timeoutMs: number): Reply {
  const body = errorBody(`Scoring timeout after ${timeoutMs} ms`);
  return new Reply(500, "application/json", [[FUNCTION_FAILED, "True"]], body, null);
}
