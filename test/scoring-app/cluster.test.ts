import cluster, { type Worker } from "node:cluster";
import { EventEmitter } from "node:events";
import { afterEach, expect, it, vi } from "vitest";
import { runWorkers } from "../../scoring-app/src/cluster.ts";
import { readSettings } from "../../scoring-app/src/settings.ts";

const signals = ["SIGTERM", "SIGINT"] as const;
const before = signals.map((signal) => process.listeners(signal));

afterEach(() => {
  vi.restoreAllMocks();
  signals.forEach((signal, index) => {
    for (const listener of process.listeners(signal))
      if (!before[index]!.includes(listener)) process.off(signal, listener);
  });
});

/** A worker whose channel is closed, as that of one that has just been killed. */
class Ended extends EventEmitter {
  readonly process: { pid?: number };
  readonly told = Promise.withResolvers<void>();

  constructor(pid?: number) {
    super();
    this.process = { pid };
  }

  /** As Node's: who gives no callback hears of it by the event. */
  send(_: unknown, callback?: (error: Error) => void): boolean {
    const error = new Error("Channel closed");
    process.nextTick(() => {
      if (callback) callback(error);
      else this.emit("error", error);
      this.told.resolve();
    });
    return false;
  }
}

function run(worker: Ended): { code: Promise<number>; logged: string[] } {
  vi.spyOn(cluster, "fork").mockReturnValue(worker as unknown as Worker);
  const logged: string[] = [];
  const log = { info: () => {}, error: (message: string) => void logged.push(message) };
  return { code: runWorkers(readSettings({}), log), logged };
}

it.each([false, true])(
  "an answer that a killed worker no longer takes is no failure of the others; its end is known: %s",
  async (known) => {
    const worker = new Ended(1);
    const { code, logged } = run(worker);
    if (known) worker.emit("exit", null, "SIGKILL");
    cluster.emit("message", worker, { scoringMetrics: 1 });
    await worker.told.promise;
    worker.emit("exit", null, "SIGKILL");
    expect(await code).toBe(1);
    expect(logged).toEqual(["a worker ended: the others end too"]);
  },
);

it("a worker that cannot be started is told of", async () => {
  const worker = new Ended();
  const { code } = run(worker);
  worker.emit("error", new Error("spawn EAGAIN"));
  await expect(code).rejects.toThrow("spawn EAGAIN");
});
