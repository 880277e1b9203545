/** What the platform's log has told of the starts of a container. */
export interface Starts {
  failures: number;
  last?: "starting" | "running" | "failed" | "blocked";
  /** What helps against the failure of the last start. */
  remedy?: string;
}

export const MEND = "mend what the log shows, then run `pulumi up` again";
const LISTEN =
  "it must listen on 0.0.0.0, port 8080, within WEBSITES_CONTAINER_START_TIME_LIMIT seconds; " +
  "where the model takes longer to load, set startTimeLimit";
const PULL = "the registry refuses the credentials; `pulumi up` reads renewed ones";
const FIREWALL = "the registry's network rules turn the web app away; let it in, then run `pulumi up` again";
const PUSH = "`pulumi up --replace '**:Image::*'` (`npm run local -- up --replace …`) pushes the image again";
const UNBLOCK = "mend what the log shows, then `az webapp stop` and `az webapp start`";

/** Lines of both of App Service's runtimes: the older one writes a level, the newer one states. */
const PATTERNS: [event: Starts["last"] | "exited", pattern: RegExp, remedy?: string][] = [
  ["starting", /^INFO {2}- (Pulling image: |Starting container for site)/],
  ["starting", /^State: Starting, Action: (EstablishingSiteNetworks|PullingImage)/],
  // Not of a sidecar, whose name goes on.
  ["running", /^INFO {2}- Container \S+_\d+_[0-9a-f]{8} for site \S+ initialized successfully/],
  ["running", /^(State: Started, |Site started\.)/],
  ["failed", /^(ERROR - Docker|State: Stopping, .*ImagePull).*not allowed access/, FIREWALL],
  ["failed", /^(ERROR - Docker|State: .*ImagePull).*(manifest.*(unknown|not found)|not exist)/, PUSH],
  ["failed", /^(ERROR - Docker.*(unauthorized|denied)|State: Stopping, .*ImagePullUnauthorized)/, PULL],
  ["exited", /^ERROR - Container \S+ for site \S+ has exited/, MEND],
  ["failed", /^Container has finished running with exit code/, MEND],
  ["failed", /^ERROR - Container \S+ (for site \S+ did not start within|didn't respond)/, LISTEN],
  ["failed", /^(No listening ports were detected|State: Stopping, .*did not start within)/, LISTEN],
  ["failed", /^(ERROR - (Docker|Image pull failed)|INFO {2}- Stopp?ing site \S+ because it failed)/],
  ["failed", /^(State: Stopping, .*LastError: \w|Site startup probe failed|Failed to start site)/],
  ["blocked", /^Site is blocked due to multiple/, UNBLOCK],
];

/** A platform's time has 3 digits (older runtime) or 7, that of a container's own line 9. */
const PLATFORM_LINE = /^[\d-]+[T ][\d:]+(?:\.\d{1,7})?Z? (.*)/;

/** What is known after these lines of the log, in their order. */
export function startsAfter(before: Starts, lines: readonly string[]): Starts {
  let { failures, last, remedy } = before;
  for (const line of lines) {
    const message = PLATFORM_LINE.exec(line)?.[1] ?? "";
    const [event, , helps] = PATTERNS.find(([, pattern]) => pattern.test(message)) ?? [];
    // The newer runtime repeats its last error where it stops a container in order.
    if (!event || (event === "failed" && last === "running")) continue;
    if (event === "starting" || event === "running") {
      last = event;
      remedy = undefined;
    } else {
      // Several lines tell of one failure; the first that names a cause knows best.
      if (last === "starting" || last === "running") failures++;
      last = event === "blocked" ? "blocked" : "failed";
      remedy = event === "blocked" ? helps : (remedy ?? helps);
    }
  }
  return { failures, last, remedy };
}
