import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ProviderContext } from "../../core/provider.ts";
import { containersOf, removeContainer, removeContainers, siteLabel } from "./container.ts";
import { HostedSite } from "./site.ts";
import { SiteLog } from "./site-log.ts";
import { defaultTimes, type RuntimeTimes } from "./times.ts";
import type { AppServiceRuntime } from "./types.ts";

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

  function siteOf(name: string): HostedSite {
    const known = sites.get(name);
    if (known) return known;
    const folder = join(directory, name);
    const log = new SiteLog(join(folder, "LogFiles"), machine);
    const site = new HostedSite({ ...common, site: name, log, directory: folder });
    sites.set(name, site);
    return site;
  }

  return {
    apply: (spec) => siteOf(spec.name).apply(spec),
    restart: async (name) => sites.get(name)?.restart(),
    remove: async (name) => {
      await siteOf(name).remove();
      sites.delete(name);
      await rm(join(directory, name), { recursive: true, force: true });
    },
    removeForgotten: async () => {
      for (const { Id, Labels } of await containersOf(docker, clone)) {
        if (!sites.has(Labels[siteLabel] ?? "")) await removeContainer(docker.getContainer(Id));
      }
    },
    logs: async (name) => sites.get(name)?.log.merged() ?? "",
    stop: async () => {
      await Promise.all([...sites.values()].map((site) => site.stop()));
      sites.clear();
      await removeContainers(docker, clone);
    },
  };
}
