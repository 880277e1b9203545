import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Serially, serialQueue } from "../../../system/serial-queue.ts";
import type { ProviderContext } from "../../core/provider.ts";
import { containersOf, removeContainer, removeContainers, siteLabel } from "./container.ts";
import { HostedSite } from "./site.ts";
import { SiteLog } from "./site-log.ts";
import { defaultTimes, type RuntimeTimes } from "./times.ts";
import type { AppServiceRuntime, SiteSpec } from "./types.ts";

/** `directory` has a folder for each site. */
export interface RuntimeOptions
  extends Pick<ProviderContext, "docker" | "tls" | "directory" | "clone" | "log"> {
  /** Throws when a bearer token, as az sends it to an SCM host, is not one of this Azure's. */
  verifyToken: (token: string) => void;
  times?: Partial<RuntimeTimes>;
}

/** App Service on this machine: runs web apps as containers and fronts them. */
export function appServiceRuntime(options: RuntimeOptions): AppServiceRuntime {
  const { docker, tls, directory, clone, log, verifyToken } = options;
  const times = { ...defaultTimes, ...options.times };
  const instanceId = createHash("sha256").update(clone).digest("hex");
  const machine = `lw1sdlwk${instanceId.slice(0, 6).toUpperCase()}`;
  const common = { docker, clone, times, tls, instanceId, report: log, verifyToken };
  const sites = new Map<string, HostedSite>();
  const logs = new Map<string, SiteLog>();
  const queues = new Map<string, Serially>();

  /** Operations on one site run one after the other. */
  function serially(name: string, work: () => Promise<void>): Promise<void> {
    const queue = queues.get(name) ?? serialQueue();
    queues.set(name, queue);
    return queue(work);
  }

  function logOf(name: string): SiteLog {
    let siteLog = logs.get(name);
    if (!siteLog) {
      siteLog = new SiteLog(join(directory, name, "LogFiles"), machine);
      logs.set(name, siteLog);
    }
    return siteLog;
  }

  function siteOf(name: string): HostedSite {
    let site = sites.get(name);
    if (!site) {
      site = new HostedSite({ ...common, site: name, log: logOf(name), directory: join(directory, name) });
      sites.set(name, site);
    }
    return site;
  }

  return {
    apply: (spec: SiteSpec) => serially(spec.name, () => siteOf(spec.name).apply(spec)),
    restart: (name) => serially(name, async () => sites.get(name)?.restart()),
    remove: (name) =>
      serially(name, async () => {
        await siteOf(name).remove();
        sites.delete(name);
        logs.delete(name);
        await rm(join(directory, name), { recursive: true, force: true });
      }),
    removeForgotten: async () => {
      for (const { Id, Labels } of await containersOf(docker, clone)) {
        if (!sites.has(Labels[siteLabel] ?? "")) await removeContainer(docker.getContainer(Id));
      }
    },
    logs: async (name) => (sites.has(name) ? logOf(name).merged() : ""),
    stop: async () => {
      await Promise.all([...sites].map(([name, site]) => serially(name, () => site.stop())));
      sites.clear();
      await removeContainers(docker, clone);
    },
  };
}
