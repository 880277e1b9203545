/** The platform's times in milliseconds. Azure's minutes are seconds here, where waiting teaches nothing. */
export const defaultTimes = {
  /** Start limit without WEBSITES_CONTAINER_START_TIME_LIMIT (Azure: 230 s). */
  startLimit: 30_000,
  /** From SIGTERM to SIGKILL without WEBSITES_CONTAINER_STOP_TIME_LIMIT (Azure: 5 s). */
  stopLimit: 5_000,
  /** Between two "Waiting for response" lines (Azure: 15 to 30 s). */
  waitingLine: 1_000,
  /** Between two warm-up probes. */
  probe: 100,
  /** How long a request waits for a start that is under way (Azure: up to about 50 s). */
  hold: 10_000,
  /** Idle time after which a request is ended with 504 (Azure: 230 s). */
  idle: 230_000,
  /** How long requests in flight may keep a replaced container from SIGTERM. */
  drain: 5_000,
  /** From a container's exit, or its first failed start, to the next start; doubled at each further failure. */
  restartDelay: 1_000,
  /** The longest such delay (Azure: minutes). */
  restartDelayLimit: 60_000,
  /** Between two health check pings (Azure: 1 min). */
  healthPing: 10_000,
  /** How long an instance may stay unhealthy until it is replaced (Azure: 1 h). */
  unhealthyLimit: 600_000,
  /** Between two Always On pings (Azure: 5 min). */
  alwaysOnPing: 300_000,
};

export type RuntimeTimes = typeof defaultTimes;
