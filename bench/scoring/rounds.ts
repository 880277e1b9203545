import { join } from "node:path";
import {
  bodyFor,
  type Contender,
  cpuSeconds,
  type Load,
  load,
  median,
  pathOf,
  type Running,
  sharedMemory,
  start,
  tables,
  writeScript,
} from "./measure.ts";

export const CONNECTIONS = [1, 16, 64] as const;
/** At a few thousand requests a second, Node compiles what serves them for some seconds: a server runs for weeks. */
export const WARM_UP_SECONDS = 20;
/** Starts for each round: they are short, and one tells little. */
const STARTS = 3;

export const COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"];
/** What is asked in rotation: two rows of these columns. */
const BODIES = tables(1000, 2);

/** What any server needs that serves the same. */
export interface Least {
  readyMs: number;
  megabytes: number;
}

/** Of a contender; what stands at the same place in two contenders' lists was measured one after the other. */
export interface Figures {
  /** Beyond the least. */
  readyMs: number[];
  /** Beyond the least, when it is ready, and after load at the most connections. */
  megabytes: number[];
  loadedMegabytes: number[];
  /** By connections. */
  at: Record<number, Load[]>;
  /** Requests a CPU second, by connections. */
  perCpuSecond: Record<number, number[]>;
}

const originOf = ({ port }: Running) => `http://127.0.0.1:${port}`;

/** A wrk script that asks the contender for all bodies. */
export function scriptFor(contender: Contender, scratch: string): string {
  const file = join(scratch, `${contender.name.replaceAll(/\W/g, "-")}.lua`);
  writeScript(
    file,
    pathOf(contender),
    BODIES.map((rows) => bodyFor(contender, rows)),
  );
  return file;
}

/** Starts servers, and stops them whatever happens. */
export async function withServers<T>(
  list: readonly Contender[],
  use: (running: Running[]) => Promise<T>,
): Promise<T> {
  const running: Running[] = [];
  try {
    for (const contender of list) running.push(await start(contender, BODIES[0]!));
    return await use(running);
  } finally {
    for (const each of running) await each.stop();
  }
}

/**
 * Measures contenders beside each other. Starts and memory: each alone. Requests: all are up, and each is asked in turn for some
 * seconds while the others wait: so whatever else the machine does meets all of them.
 */
export async function compare(
  list: readonly Contender[],
  scratch: string,
  rounds: number,
  seconds: number,
  leastOf: () => Least = () => ({ readyMs: 0, megabytes: 0 }),
): Promise<Map<string, Figures>> {
  const files = list.map((contender) => scriptFor(contender, scratch));
  const all = list.map((): Figures => {
    const byConnections = <T>() =>
      Object.fromEntries(CONNECTIONS.map((connections) => [connections, [] as T[]]));
    return {
      ...{ readyMs: [], megabytes: [], loadedMegabytes: [] },
      ...{ at: byConnections<Load>(), perCpuSecond: byConnections<number>() },
    };
  });
  for (let time = 0; time < STARTS * rounds; time++) {
    const least = leastOf();
    for (const [i, contender] of list.entries()) {
      await withServers([contender], async ([server]) => {
        all[i]!.readyMs.push(server!.readyMs - least.readyMs);
        all[i]!.megabytes.push(sharedMemory(server!) - least.megabytes);
        if (time >= rounds) return;
        await load(originOf(server!), files[i]!, CONNECTIONS.at(-1)!, WARM_UP_SECONDS / 2);
        all[i]!.loadedMegabytes.push(sharedMemory(server!) - least.megabytes);
      });
    }
  }
  await withServers(list, async (running) => {
    for (const [i, server] of running.entries()) await load(originOf(server), files[i]!, 16, WARM_UP_SECONDS);
    for (let round = 0; round < rounds; round++) {
      for (const connections of CONNECTIONS) {
        for (const [i, server] of running.entries()) {
          const before = cpuOf(server);
          const told = await load(originOf(server), files[i]!, connections, seconds);
          all[i]!.at[connections]!.push(told);
          all[i]!.perCpuSecond[connections]!.push((told.perSecond * seconds) / (cpuOf(server) - before));
        }
      }
    }
  });
  return new Map(list.map(({ name }, i) => [name, all[i]!]));
}

function cpuOf(server: Running): number {
  const { user, kernel } = cpuSeconds(server);
  return user + kernel;
}

/** Median of the ratios of what was measured one after the other. */
export const times = (of: readonly number[], to: readonly number[]) =>
  median(of.map((value, i) => value / to[i]!));

/**
 * A row a contender, of medians; the first one is the app.
 * @param busy connections at which CPU and the 99th percentile are told
 */
export function rowsOf(
  results: ReadonlyMap<string, Figures>,
  busy: (typeof CONNECTIONS)[number],
): Record<string, string | number>[] {
  const [app] = results.values();
  return [...results].map(([server, figures]) => {
    const appsTimes = (pick: (figures: Figures) => number[]) =>
      Number(times(pick(app!), pick(figures)).toFixed(1));
    return {
      server,
      ...Object.fromEntries(
        CONNECTIONS.flatMap((connections) => {
          const rates = ({ at }: Figures) => at[connections]!.map(({ perSecond }) => perSecond);
          return [
            [`req/s c${connections}`, Math.round(median(rates(figures)))],
            [`app's times c${connections}`, appsTimes(rates)],
          ];
        }),
      ),
      [`req/CPU-s c${busy}`]: Math.round(median(figures.perCpuSecond[busy]!)),
      "app's times": appsTimes(({ perCpuSecond }) => perCpuSecond[busy]!),
      [`p99 c${busy} ms`]: Number(median(figures.at[busy]!.map(({ p99 }) => p99)).toFixed(1)),
      "ready ms": Math.round(median(figures.readyMs)),
      MB: Math.round(median(figures.megabytes)),
      "MB loaded": Math.round(median(figures.loadedMegabytes)),
      errors: Object.values(figures.at)
        .flat()
        .reduce((sum, { errors }) => sum + errors, 0),
    };
  });
}
