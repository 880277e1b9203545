import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { inAppFolder } from "../../app-folder.ts";
import { parseText } from "../../exact-json.ts";
import type { Log } from "../../log.ts";
import { type Answer, AnswerReader, KIND, requestFrame } from "./frames.ts";

/** What the process says of the script's run(). */
export interface Description {
  /** Whether run() needs each request's method, target and headers. */
  heads: boolean;
  /** Whether run() takes requests of any method (@rawhttp). */
  raw: boolean;
  /** Of inference_schema's decorators, with an example in each. */
  schemas: { input: Record<string, unknown>; output: Record<string, unknown> } | null;
  /** Why requests are predicted one by one, where others would be together. */
  alone?: string | null;
}

/** A request that the process has. */
interface Job {
  number: number;
  take(answer: Answer): void;
  reject(error: Error): void;
}

export interface InterpreterOptions {
  /** The interpreter: a path, or a name in PATH. */
  python: string;
  script: string;
  /** JSON of what the process has to know before it is ready. */
  setup?: string | undefined;
  /** Whether the process has a core beside this one's: then it runs while this one serves what it has answered. */
  overlaps?: boolean | undefined;
  log: Log;
}

/** run() took too long. */
export class LateRun extends Error {}

const WORKER = inAppFolder("python/worker.py");
/** Lines that are kept to tell why a process ended. */
const LAST_LINES = 20;
const LAST_WORDS_MS = 500;
/** How long an end that has to come is waited for. */
const END_MS = 1000;
/** Turns of the event loop in which requests are gathered as long as more come: on one core each change to the process costs both. */
const GATHERED_TURNS = 8;

/** A Python process that has loaded the script. It serves one request after the other. */
export class Interpreter {
  readonly description: Description;
  /** Fulfilled when the process has ended, with how and its last words. */
  readonly ended: Promise<string>;
  /** Whether it was ended because of a run() that took too long. */
  late = false;
  /** Whether it takes requests. */
  alive = true;
  readonly #process: ChildProcess;
  readonly #channel: Socket;
  readonly #timeoutMs: number;
  readonly #turns: number;
  /**
   * In the order of their coming, which is that of the answers. No Map: each table that it outgrows points to the next, so that one of
   * them in the old generation, though dead, keeps what later ones held until that generation is collected: 10 MB a second.
   */
  readonly #jobs: Job[] = [];
  #timer: NodeJS.Timeout;
  #last = 0;
  /** When the oldest job's run() began, as performance.now() tells it. */
  #running = 0;
  #corked = false;
  #busyMs = 0;

  /**
   * @returns a process whose init() is done.
   * @throws Error in one line; Python's traceback is in the log.
   */
  static async start(options: InterpreterOptions, timeoutMs: number): Promise<Interpreter> {
    const { python, script, setup, overlaps = false, log } = options;
    const child = spawn(python, [WORKER, script, ...(overlaps ? ["--overlaps"] : [])], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const channel = child.stdio[3] as Socket;
    if (setup !== undefined) channel.write(requestFrame(0, "", "", Buffer.from(setup)));
    const words: string[] = [];
    const say = (stream: string, line: string, requestId?: string | null) => {
      log.info(line, { stream, ...(requestId && { requestId }) });
      if (stream === "stderr" && words.push(line) > LAST_LINES) words.shift();
    };
    // What bypasses Python's own streams: the interpreter's faults, libraries in C, programs that the script starts.
    for (const stream of ["stdout", "stderr"] as const) {
      createInterface({ input: child[stream] as Readable }).on("line", (line) => say(stream, line));
    }
    const kill = () => killGroup(child);
    // It may be busy, and not see that its channel has ended.
    process.once("exit", kill);
    // What the script has started.
    child.once("exit", kill);
    const ended = endOf(child, python, words).finally(() => process.off("exit", kill));
    const reader = new AnswerReader();
    return new Promise((resolve, reject) => {
      let interpreter: Interpreter | undefined;
      void ended.then((how) =>
        reject(new Error(`the process of ${script} ended before it was ready: ${how}`)),
      );
      // What was not written in time; how the process ended tells more.
      channel.on("error", () => {});
      channel.on("data", (chunk: Buffer) => {
        for (const answer of reader.read(chunk)) {
          if (answer.kind === KIND.line) {
            const [stream, requestId] = JSON.parse(answer.head);
            say(stream, answer.body.toString(), requestId);
          } else if (answer.kind === KIND.failed) {
            reject(new Error(answer.body.toString()));
            kill();
          } else if (answer.kind === KIND.ready) {
            // A decorator's sample may have NaN.
            const description = parseText(answer.body.toString(), true) as Description;
            const turns = overlaps ? 0 : GATHERED_TURNS;
            interpreter = new Interpreter(child, channel, ended, description, timeoutMs, turns);
            resolve(interpreter);
          } else if (interpreter) interpreter.#take(answer);
        }
      });
    });
  }

  private constructor(
    child: ChildProcess,
    channel: Socket,
    ended: Promise<string>,
    description: Description,
    timeoutMs: number,
    turns: number,
  ) {
    this.#process = child;
    this.#channel = channel;
    this.description = description;
    this.#timeoutMs = timeoutMs;
    this.#turns = turns;
    this.#timer = setTimeout(() => this.#checkTime(), timeoutMs).unref();
    channel.once("close", () => {
      this.alive = false;
      // Threads of the script may keep it from ending.
      this.#killSoon();
    });
    this.ended = ended.then((how) => {
      clearTimeout(this.#timer);
      for (const { reject } of this.#jobs) reject(new Error(how));
      this.#rest();
      this.#jobs.length = 0;
      return how;
    });
  }

  /** Milliseconds in which there was work, of all. */
  get busyMs(): number {
    return this.#busyMs + (this.#jobs.length > 0 ? performance.now() - this.#running : 0);
  }

  /** @throws LateRun when run() takes longer than the time that it has; Error when the process ends. */
  ask(id: string, head: string, body: Buffer): Promise<Answer> {
    return new Promise((take, reject) => {
      this.#last = (this.#last + 1) % 2 ** 32;
      const number = this.#last;
      if (this.#jobs.length === 0) this.#running = performance.now();
      this.#jobs.push({ number, take, reject });
      if (!this.#corked) {
        this.#corked = true;
        this.#channel.cork();
        this.#uncork(number, this.#turns);
      }
      this.#channel.write(requestFrame(number, id, head, body));
    });
  }

  /** Sends what is asked, when a turn of the event loop has brought nothing since `last`. */
  #uncork(last: number, turns: number): void {
    setImmediate(() => {
      if (this.#last !== last && turns > 0) return this.#uncork(this.#last, turns - 1);
      this.#corked = false;
      this.#channel.uncork();
    });
  }

  /** Lets what is under way end, for a moment. */
  async stop(): Promise<void> {
    this.#channel.end();
    this.#killSoon();
    await this.ended;
  }

  #killSoon(): void {
    const kill = setTimeout(() => this.kill(), END_MS);
    void this.ended.then(() => clearTimeout(kill));
  }

  kill(): void {
    this.alive = false;
    killGroup(this.#process);
  }

  #take(answer: Answer): void {
    this.#rest();
    // The answer to a request that was late may still come.
    if (this.#jobs[0]?.number === answer.number) this.#jobs.shift()!.take(answer);
  }

  /** The oldest job ends, and the next begins. */
  #rest(): void {
    const now = performance.now();
    if (this.#jobs.length > 0) this.#busyMs += now - this.#running;
    this.#running = now;
  }

  /** One timer for all: the oldest job is the only one that runs. */
  #checkTime(): void {
    const [oldest] = this.#jobs;
    const left = oldest ? this.#running + this.#timeoutMs - performance.now() : this.#timeoutMs;
    if (oldest && left <= 0) {
      this.#jobs.shift();
      this.late = true;
      this.kill();
      oldest.reject(new LateRun());
    } else this.#timer = setTimeout(() => this.#checkTime(), Math.max(1, left)).unref();
  }
}

/** Ends a process, and the group that it leads, unless it has just begun. */
function killGroup(child: ChildProcess): void {
  child.kill("SIGKILL");
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Nobody is left, or on macOS nobody who has not ended.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code!)) throw error;
  }
}

/** How a process ended. */
async function endOf(child: ChildProcess, python: string, words: readonly string[]): Promise<string> {
  // Its last words come a moment later, unless a process that has left its group holds its streams.
  const closed = once(child, "close").catch(() => {});
  try {
    const [code, signal] = await once(child, "exit");
    await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
    const last = words.length > 0 ? `; its last words: ${words.slice(-3).join(" | ")}` : "";
    const killed = signal === "SIGKILL" ? ", as where there is not enough memory" : "";
    return `${signal ? `signal ${signal}${killed}` : `exit code ${code}`}${last}`;
  } catch (error) {
    return `PYTHON=${python} cannot be started (${(error as Error).message}); install Python 3.8 or newer, or name another interpreter`;
  }
}
