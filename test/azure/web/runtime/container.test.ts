import type Dockerode from "dockerode";
import { expect, test } from "vitest";
import { type SiteHost, startInstance } from "../../../../local/azure/web/runtime/container.ts";
import { containerSettings } from "../../../../local/azure/web/runtime/container-settings.ts";
import { StartError } from "../../../../local/azure/web/runtime/pull.ts";
import { defaultTimes } from "../../../../local/azure/web/runtime/times.ts";
import { siteSpec } from "./site-specs.ts";

const resolves = async () => ({});
const fails = (message: string) => () => Promise.reject(new Error(message));

/** Starts a site's container on a daemon whose containers have these methods. */
async function start(container: Record<string, () => Promise<unknown>>): Promise<unknown> {
  const docker = {
    getImage: () => ({ distribution: resolves, inspect: async () => ({ Config: {} }) }),
    createImage: resolves,
    createVolume: resolves,
    createContainer: async () => container,
    followProgress: (_: unknown, finished: () => void) => finished(),
  } as unknown as Dockerode;
  const log = { platform: () => undefined } as unknown as SiteHost["log"];
  const host: SiteHost = { docker, clone: "clone", site: "app", log, times: defaultTimes };
  const settings = containerSettings(
    siteSpec(
      { linuxFxVersion: "DOCKER|localhost:5000/app:v1" },
      { WEBSITES_ENABLE_APP_SERVICE_STORAGE: "true" },
    ),
    "a".repeat(64),
    defaultTimes,
  )!;
  return startInstance(host, settings, 0, new AbortController().signal).catch((error: unknown) => error);
}

test("why a container does not start is told first, where it cannot be removed either", async () => {
  const error = await start({ putArchive: resolves, start: fails("no such port"), remove: fails("busy") });
  expect(error).toBeInstanceOf(StartError);
  expect((error as Error).message).toMatch(
    /could not be started: no such port\nCleaning up failed too: busy$/,
  );
});

test("a container whose /home cannot be prepared is removed", async () => {
  let removed = 0;
  const error = await start({ putArchive: fails("read-only"), remove: async () => ++removed });
  expect([(error as Error).message, removed]).toEqual(["read-only", 1]);
});
