import { expect, it } from "vitest";
import { type Starts, startsAfter } from "../../../components/release/container-starts.ts";

// Lines as in public captures of both runtimes.
const older = (text: string) => `2026-01-02T03:04:05.678Z ${text}`;
const newer = (text: string) => `2026-04-22T05:33:00.1234567Z ${text}`;
const state = (text: string, error = "") =>
  newer(`State: ${text}, LastError: ${error}, LastErrorTimestamp: 01/01/0001 00:00:00, LastErrorDetails: x`);

const PULL = older("INFO  - Pulling image: cr.azurecr.io/scoring-app@sha256:1");
const READY = older(
  "INFO  - Container app_0_0123abcd for site app initialized successfully and is ready to serve requests.",
);
const STOPPED = older("INFO  - Stopping site app because it failed during startup.");
const docker = (status: string, message: string) =>
  older(
    `ERROR - DockerApiException: Docker API responded with status code=${status}, response={"message":"${message}"}`,
  );
const EXIT = [
  PULL,
  older("INFO  - Starting container for site"),
  older("ERROR - Container app_0_0123abcd for site app has exited, failing site start"),
  older("ERROR - Container app_0_0123abcd didn't respond to HTTP pings on port: 8080, failing site start."),
  STOPPED,
];
const NEW_START = [
  state("Starting, Action: EstablishingSiteNetworks"),
  newer("Container start method called."),
  state("Starting, Action: PullingImage"),
];
const NEW_READY = [
  newer("Site startup probe succeeded after 12.3 seconds."),
  newer("Site started."),
  state("Started, Action: None"),
];
const NEW_TIMEOUT = [
  ...NEW_START,
  state("Starting, Action: WaitingForSiteWarmUpProbeSuccess"),
  newer("Site startup probe failed after 230.0123255 seconds."),
  state("Stopping, Action: CancellingStartup", "ContainerTimeout"),
  newer("Site container: app terminated during site startup."),
  newer("Failed to start site. Revert by stopping site."),
  state("Stopping, Action: StoppingSiteContainers", "ContainerTimeout"),
  newer("Site: app stopped."),
];

const CASES: [string, string[], Starts["last"], number, remedy?: string][] = [
  ["nothing", [], undefined, 0],
  ["a start under way", [PULL], "starting", 0],
  ["a good start", [PULL, READY], "running", 0],
  ["an exit, told by three lines", EXIT, "failed", 1, "mend what the log shows"],
  ["two exits", [...EXIT, ...EXIT], "failed", 2, "mend what the log shows"],
  [
    "an exit after a good start",
    [PULL, READY, older("ERROR - Container app_0_0123abcd for site app has exited")],
    "failed",
    1,
    "mend",
  ],
  [
    "no answer on the port",
    [
      PULL,
      older(
        "ERROR - Container app_0_0123abcd for site app did not start within expected time limit. Elapsed time = 230.1",
      ),
      older(
        "ERROR - Container app_0_0123abcd didn't respond to HTTP pings on port: 8080, failing site start.",
      ),
      STOPPED,
    ],
    "failed",
    1,
    "seconds; where the model takes longer to load, set startTimeLimit",
  ],
  [
    "a refused pull",
    [PULL, docker("InternalServerError", "unauthorized: authentication required"), STOPPED],
    "failed",
    1,
    "`pulumi up` reads renewed ones",
  ],
  [
    "a purged image",
    [
      PULL,
      docker("NotFound", "manifest for cr/x not found: manifest unknown: manifest tagged by is not found"),
      STOPPED,
    ],
    "failed",
    1,
    "--replace '**:Image::*'",
  ],
  [
    "a repository that is not there",
    [
      PULL,
      docker("NotFound", "pull access denied for x, repository does not exist or may require 'docker login'"),
    ],
    "failed",
    1,
    "--replace '**:Image::*'",
  ],
  [
    "a registry behind a firewall",
    [PULL, docker("InternalServerError", "denied: client with IP '1.2.3.4' is not allowed access. Refer x")],
    "failed",
    1,
    "network rules",
  ],
  [
    "a pull that fails otherwise",
    [
      PULL,
      docker("InternalServerError", "dial tcp: lookup cr.azurecr.io: no such host"),
      older("ERROR - Image pull failed: Verify docker image configuration"),
    ],
    "failed",
    1,
  ],
  [
    "the spelling of 2020",
    [PULL, older("INFO  - Stoping site app because it failed during startup.")],
    "failed",
    1,
  ],
  [
    "a sidecar that is ready",
    [
      PULL,
      older("INFO  - Container app_0_0123abcd_msiProxy for site app initialized successfully and is ready"),
    ],
    "starting",
    0,
  ],
  ["the newer runtime: a start under way", NEW_START, "starting", 0],
  ["the newer runtime: a good start", [...NEW_START, ...NEW_READY], "running", 0],
  ["the newer runtime: no answer in time", NEW_TIMEOUT, "failed", 1],
  [
    "the newer runtime: no answer in time, with the details",
    [
      ...NEW_START,
      `${state("Stopping, Action: CancellingStartup", "ContainerTimeout")}: Container did not start within 230s`,
    ],
    "failed",
    1,
    "listen on 0.0.0.0",
  ],
  [
    "the newer runtime: an exit, which it calls a time-out",
    [
      ...NEW_START,
      newer("Container has finished running with exit code: 3."),
      newer("Site startup probe failed after 38.0 seconds."),
      newer("No listening ports were detected in the container."),
      `${state("Stopping, Action: CancellingStartup", "ContainerTimeout")}: Container did not start within 230s`,
    ],
    "failed",
    1,
    "mend what the log shows",
  ],
  [
    "the newer runtime: nothing listens",
    [
      ...NEW_START,
      newer("No listening ports were detected in the container."),
      newer("Failed to start site. Revert by stopping site."),
    ],
    "failed",
    1,
    "listen on 0.0.0.0",
  ],
  [
    "the newer runtime: a refused pull",
    [...NEW_START, state("Stopping, Action: StoppingSite", "ImagePullUnauthorizedFailure")],
    "failed",
    1,
    "`pulumi up` reads renewed ones",
  ],
  [
    "the newer runtime: a purged image",
    [
      ...NEW_START,
      `${state("Stopping, Action: StoppingSite", "ImagePullFailure")}: Failed to pull image: x. manifest unknown`,
    ],
    "failed",
    1,
    "--replace '**:Image::*'",
  ],
  [
    "the newer runtime: the old container stops in order, and tells the last error again",
    [...NEW_START, ...NEW_READY, state("Stopping, Action: StoppingSite", "ContainerTimeout")],
    "running",
    0,
  ],
  [
    "the newer runtime: a good start after a failed one",
    [...NEW_TIMEOUT, ...NEW_START, ...NEW_READY],
    "running",
    1,
  ],
  [
    "the newer runtime: blocked",
    [...NEW_TIMEOUT, newer("Site is blocked due to multiple, consecutive cold start failures. Until x")],
    "blocked",
    1,
    "`az webapp stop`",
  ],
  ["a failure whose start is not in the log", [STOPPED], "failed", 0],
  [
    "what the container itself writes",
    ["2026-01-02T03:04:05.123456789Z ERROR - Container x for site y has exited"],
    undefined,
    0,
  ],
];

it.each(CASES)("%s", (_, lines, last, failures, remedy) => {
  const found = startsAfter({ failures: 0 }, lines);
  expect(found).toMatchObject({ failures, ...(last && { last }) });
  expect(found.last).toBe(last);
  if (remedy) expect(found.remedy).toContain(remedy);
  else expect(found.remedy).toBeUndefined();
  // Read in two parts, as it comes.
  const half = startsAfter({ failures: 0 }, lines.slice(0, 2));
  expect(startsAfter(half, lines.slice(2))).toEqual(found);
});
