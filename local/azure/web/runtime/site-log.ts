import { EventEmitter } from "node:events";
import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

export type LogKind = "platform" | "container";

/** A log file grows to this size, is then renamed to `….1.log` and begun anew. */
const fileLimit = 8 * 1024 * 1024;
const tailBytes = 64 * 1024;

/**
 * A site's two logs, in files named as App Service names them: what the platform did (`…_docker.log`), and what the
 * container wrote (`…_default_docker.log`, while container logging is on). Emits `lines` with each text appended.
 */
export class SiteLog extends EventEmitter<{ lines: [text: string] }> {
  /** The LogFiles folder. */
  readonly directory: string;
  readonly machine: string;
  containerLogging = true;
  readonly #limit: number;
  readonly #sizes = new Map<string, number>();

  constructor(directory: string, machine: string, limit = fileLimit) {
    super();
    this.setMaxListeners(0);
    this.directory = directory;
    this.machine = machine;
    this.#limit = limit;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Writes a line of the platform, e.g. `2026-01-02T03:04:05.678Z INFO  - Starting container for site`. */
  platform(level: "INFO" | "ERROR", message: string): void {
    this.#append("platform", `${new Date().toISOString()} ${level.padEnd(5)} - ${message}\n`);
  }

  /** Writes whole lines of the container, each with Docker's timestamp of nine digits in front. */
  container(lines: string): void {
    if (this.containerLogging) this.#append("container", lines);
  }

  /** The newest log file of a kind, whether or not it is there. */
  file(kind: LogKind, now = new Date()): string {
    const date = now.toISOString().slice(0, 10).replaceAll("-", "_");
    return `${date}_${this.machine}${kind === "container" ? "_default" : ""}_docker.log`;
  }

  /** All log files, oldest first. */
  files(): { name: string; size: number; modified: Date }[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith(".log"))
      .sort()
      .map((name) => {
        const { size, mtime } = statSync(join(this.directory, name));
        return { name, size, modified: mtime };
      });
  }

  /** The last lines of one file, at most 64 KB. */
  tail(name: string): string {
    const file = openSync(join(this.directory, name), "r");
    try {
      const { size } = fstatSync(file);
      const buffer = Buffer.alloc(Math.min(size, tailBytes));
      const length = readSync(file, buffer, 0, buffer.length, size - buffer.length);
      const text = buffer.toString("utf8", 0, length);
      return size > tailBytes ? text.slice(text.indexOf("\n") + 1) : text;
    } finally {
      closeSync(file);
    }
  }

  /** The last `count` lines of both logs, merged by time; empty when there are none. */
  merged(count = 300): string {
    const entries: { key: string; text: string }[] = [];
    for (const kind of ["platform", "container"] as const) {
      const isContainer = (name: string) => /_default_docker(\.1)?\.log$/.test(name);
      const newest = this.files().filter((file) => isContainer(file.name) === (kind === "container"));
      for (const line of newest.slice(-2).flatMap(({ name }) => this.tail(name).split("\n"))) {
        const time = /^(\d{4}-\d\d-\d\dT[\d:]{8})\.(\d+)Z /.exec(line);
        const last = entries.at(-1);
        if (time) entries.push({ key: `${time[1]}.${time[2]!.padEnd(9, "0")}`, text: line });
        else if (last && line) last.text += `\n${line}`;
      }
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return entries
      .slice(-count)
      .map((entry) => `${entry.text}\n`)
      .join("");
  }

  #append(kind: LogKind, text: string): void {
    const name = this.file(kind);
    const path = join(this.directory, name);
    const known = this.#sizes.get(name) ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    const full = known > 0 && known + Buffer.byteLength(text) > this.#limit;
    try {
      if (full) renameSync(path, path.replace(/\.log$/, ".1.log"));
      appendFileSync(path, text, { mode: 0o600 });
      this.#sizes.set(name, (full ? 0 : known) + Buffer.byteLength(text));
    } catch (error) {
      // A full disk must not end every app: the line still reaches those who follow the log.
      console.error(`Cannot write ${path}: ${(error as Error).message}`);
    }
    this.emit("lines", text);
  }
}
