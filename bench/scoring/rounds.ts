import { join } from "node:path";
import {
  bodyFor,
  type Contender,
  cpuSeconds,
  type Load,
  load,
  median,
  pathOf,
  proportionalMemory,
  start,
  tables,
  writeScript,
} from "./measure.ts";

export const CONNECTIONS = [1, 16, 64] as const;
/** At a few thousand requests a second, Node compiles what serves them for some seconds: a server runs for weeks. */
export const WARM_UP_SECONDS = 20;

export const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
/** What is asked in rotation: two rows of these columns. */
export const BODIES = tables(1000, 2);

export interface Figures {
  readyMs: number;
  megabytes: number;
  /** By connections. */
  at: Record<number, Load>;
  /** Requests a CPU second, by connections. */
  perCpuSecond: Record<number, number>;
}

/** A wrk script that asks the contender for all bodies. */
export function scriptFor(contender: Contender, scratch: string): string {
  const file = join(scratch, "bodies.lua");
  writeScript(
    file,
    pathOf(contender),
    BODIES.map((rows) => bodyFor(contender, rows)),
  );
  return file;
}

/** Starts a contender, warms it up and measures it at 1, 16 and 64 connections. */
export async function measure(contender: Contender, scratch: string, seconds: number): Promise<Figures> {
  const file = scriptFor(contender, scratch);
  const running = await start(contender, BODIES[0]!);
  const origin = `http://127.0.0.1:${running.port}`;
  const used = () => {
    const { user, kernel } = cpuSeconds(running);
    return user + kernel;
  };
  try {
    await load(origin, file, 16, WARM_UP_SECONDS);
    const at: Figures["at"] = {};
    const perCpuSecond: Figures["perCpuSecond"] = {};
    for (const connections of CONNECTIONS) {
      const before = used();
      at[connections] = await load(origin, file, connections, seconds);
      perCpuSecond[connections] = (at[connections].perSecond * seconds) / (used() - before);
    }
    return { readyMs: running.readyMs, megabytes: proportionalMemory(running), at, perCpuSecond };
  } finally {
    await running.stop();
  }
}

/**
 * A row a contender, of medians of its rounds; the first one is the app.
 * @param busy connections at which CPU and the 99th percentile are told
 * @param least what any server of the same needs, which is subtracted
 */
export function rowsOf(
  results: ReadonlyMap<string, Figures[]>,
  busy: (typeof CONNECTIONS)[number],
  least?: { readyMs: number; megabytes: number },
): Record<string, string | number>[] {
  const of = (name: string, pick: (figures: Figures) => number) => median(results.get(name)!.map(pick));
  const [app = ""] = results.keys();
  const times = (name: string, pick: (figures: Figures) => number) =>
    Number((of(app, pick) / of(name, pick)).toFixed(1));
  const { readyMs = 0, megabytes = 0 } = least ?? {};
  const more = least ? " more" : "";
  return [...results.keys()].map((name) => ({
    server: name,
    ...Object.fromEntries(
      CONNECTIONS.flatMap((connections) => {
        const rate = (figures: Figures) => figures.at[connections]!.perSecond;
        return [
          [`req/s c${connections}`, Math.round(of(name, rate))],
          [`app's times c${connections}`, times(name, rate)],
        ];
      }),
    ),
    [`req/CPU-s c${busy}`]: Math.round(of(name, (f) => f.perCpuSecond[busy]!)),
    "app's times": times(name, (f) => f.perCpuSecond[busy]!),
    [`p99 c${busy} ms`]: Number(of(name, (f) => f.at[busy]!.p99).toFixed(1)),
    [`ready ms${more}`]: Math.round(of(name, (f) => f.readyMs) - readyMs),
    [`MB${more}`]: Math.round(of(name, (f) => f.megabytes) - megabytes),
    errors: of(name, (f) => CONNECTIONS.reduce((sum, connections) => sum + f.at[connections]!.errors, 0)),
  }));
}
