import { ping } from "./probe.ts";
import type { RuntimeTimes } from "./times.ts";
import type { SiteSpec } from "./types.ts";

/** Health check and Always On pings of one serving container. */
export class Pinger {
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #stopped = new AbortController();

  /**
   * @param unhealthy - Called once when the health check has failed for the whole limit. A single instance stays in
   *   rotation until then, as on Azure.
   */
  constructor(
    port: number,
    spec: Pick<SiteSpec, "port" | "healthCheckPath" | "alwaysOn">,
    times: RuntimeTimes,
    unhealthy: () => void,
  ) {
    const host = { host: `localhost:${spec.port}`, "x-forwarded-proto": "https" };
    const { signal } = this.#stopped;
    if (spec.healthCheckPath) {
      let healthy = performance.now();
      const headers = { ...host, "user-agent": "HealthCheck/1.0" };
      this.#every(times.healthPing, async () => {
        const status = await ping(port, spec.healthCheckPath, headers, times.healthPing, signal);
        // Redirects are not followed and count as failures.
        if (status !== undefined && status >= 200 && status < 300) healthy = performance.now();
        else if (!signal.aborted && performance.now() - healthy >= times.unhealthyLimit) {
          this.stop();
          unhealthy();
        }
      });
    }
    if (spec.alwaysOn) {
      const headers = { ...host, "user-agent": "AlwaysOn" };
      this.#every(times.alwaysOnPing, () => ping(port, "/", headers, times.idle, signal));
    }
  }

  stop(): void {
    this.#stopped.abort();
    for (const timer of this.#timers) clearInterval(timer);
  }

  #every(interval: number, work: () => Promise<unknown>): void {
    this.#timers.push(setInterval(() => void work(), interval).unref());
  }
}
