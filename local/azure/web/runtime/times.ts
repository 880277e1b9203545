/** The platform's times in milliseconds. Azure's minutes are seconds here, where waiting teaches nothing. */
export interface RuntimeTimes {
  /** Start limit without WEBSITES_CONTAINER_START_TIME_LIMIT (Azure: 230 s). */
  startLimit: number;
  /** From SIGTERM to SIGKILL without WEBSITES_CONTAINER_STOP_TIME_LIMIT (Azure: 5 s). */
  stopLimit: number;
  /** Between two "Waiting for response" lines (Azure: 15 to 30 s). */
  waitingLine: number;
  /** Between two warm-up probes. */
  probe: number;
  /** How long a request waits for a start that is under way (Azure: up to about 50 s). */
  hold: number;
  /** Idle time after which a request is ended with 504 (Azure: 230 s). */
  idle: number;
  /** How long requests in flight may keep a replaced container from SIGTERM. */
  drain: number;
  /** From a container's exit, or its first failed start, to the next start; doubled at each further failure. */
  restartDelay: number;
  /** The longest such delay (Azure: minutes). */
  restartDelayLimit: number;
  /** Between two health check pings (Azure: 1 min). */
  healthPing: number;
  /** How long an instance may stay unhealthy until it is replaced (Azure: 1 h). */
  unhealthyLimit: number;
  /** Between two Always On pings (Azure: 5 min). */
  alwaysOnPing: number;
}

export const defaultTimes: RuntimeTimes = {
  startLimit: 30_000,
  stopLimit: 5_000,
  waitingLine: 1_000,
  probe: 100,
  hold: 10_000,
  idle: 230_000,
  drain: 5_000,
  restartDelay: 1_000,
  restartDelayLimit: 60_000,
  healthPing: 10_000,
  unhealthyLimit: 600_000,
  alwaysOnPing: 300_000,
};
