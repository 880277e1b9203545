import { createHash } from "node:crypto";
import { registryOf } from "../../../docker/image-reference.ts";
import { platformEnvironment } from "./environment.ts";
import { registryCredentials } from "./registry-credentials.ts";
import { splitCommand } from "./start-command.ts";
import type { RuntimeTimes } from "./times.ts";
import type { SiteSpec } from "./types.ts";

/** What one start of a container needs to know, derived from the site alone. */
export type ContainerSettings = NonNullable<ReturnType<typeof containerSettings>>;

/** An app setting that no container can be started with. */
export class SettingError extends Error {}

/**
 * @returns undefined when the site has no container image.
 * @throws SettingError naming the setting, its value and what to write instead.
 */
export function containerSettings(spec: SiteSpec, instanceId: string, times: RuntimeTimes) {
  const image = imageOf(spec.linuxFxVersion);
  if (!image) return undefined;
  const settings = spec.appSettings;
  const port = portSetting(settings, "WEBSITES_PORT") ?? portSetting(settings, "PORT");
  const rest = {
    /** `host/repository@sha256:…` or `host/repository:tag`. */
    image,
    /** For this image's registry; undefined: an anonymous pull. */
    credentials: registryCredentials(registryOf(image), settings),
    /** The port that an app setting names; undefined: the image's, else 80 or 8080. */
    port,
    environment: platformEnvironment(spec, instanceId),
    /** Arguments after the image name; empty: the image's own command. */
    command: splitCommand(spec.appCommandLine),
    /** Whether /home is the site's persistent volume. */
    persistentHome: settings.WEBSITES_ENABLE_APP_SERVICE_STORAGE?.toLowerCase() !== "false",
    warmUpPath: settings.WEBSITE_WARMUP_PATH || "/robots933456.txt",
    /** Statuses that count as ready; empty: any. */
    warmUpStatuses: statuses(settings.WEBSITE_WARMUP_STATUSES),
    /** Milliseconds, as is the next. */
    startLimit: seconds(settings, "WEBSITES_CONTAINER_START_TIME_LIMIT", 10, 1800) ?? times.startLimit,
    stopLimit: seconds(settings, "WEBSITES_CONTAINER_STOP_TIME_LIMIT", 0, 120) ?? times.stopLimit,
    /** False: the old container is stopped before the new one starts. */
    overlap: settings.WEBSITE_DISABLE_OVERLAPPED_RECYCLING !== "1",
  };
  // Any app setting restarts an app on Azure, the registry's password included; so does the health check's path.
  const started = { ...rest, environment: sorted(rest.environment) };
  const all = JSON.stringify([started, sorted(spec.appSettings), spec.healthCheckPath]);
  const hash = createHash("sha256").update(all).digest("hex");
  return { ...rest, /** Changes whenever a new container is due. */ hash };
}

/** The image of a `DOCKER|image` linuxFxVersion; undefined for none. */
export function imageOf(linuxFxVersion: string): string | undefined {
  return /^DOCKER\|(.+)$/i.exec(linuxFxVersion)?.[1];
}

/**
 * The ports to try, in App Service's order: the app setting's, the image's first exposed one, else 80 and 8080.
 *
 * @param exposed - The image's `ExposedPorts` keys, e.g. `8080/tcp`.
 */
export function candidatePorts(port: number | undefined, exposed: string[]): number[] {
  if (port !== undefined) return [port];
  const tcp = exposed
    .filter((name) => name.endsWith("/tcp"))
    .map((name) => Number.parseInt(name, 10))
    .filter((number) => number !== 2222) // SSH through the SCM host
    .sort((a, b) => a - b);
  return tcp[0] === undefined ? [80, 8080] : [tcp[0]];
}

function portSetting(settings: Record<string, string>, name: string): number | undefined {
  const value = settings[name]?.trim();
  if (!value) return undefined;
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new SettingError(`App setting ${name} is "${value}": write a port number from 1 to 65535.`);
  }
  return port;
}

/** Milliseconds of a setting in seconds, held within Azure's limits. */
function seconds(
  settings: Record<string, string>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = settings[name]?.trim();
  if (!value) return undefined;
  const number = Number(value);
  if (!Number.isFinite(number)) {
    throw new SettingError(`App setting ${name} is "${value}": write a number of seconds.`);
  }
  return Math.min(Math.max(number, least), most) * 1000;
}

function statuses(value: string | undefined): number[] {
  if (!value?.trim()) return [];
  return value.split(",").map((part) => {
    const status = Number(part.trim());
    if (Number.isInteger(status) && status >= 100 && status <= 599) return status;
    throw new SettingError(
      `App setting WEBSITE_WARMUP_STATUSES is "${value}": write statuses such as 200,202.`,
    );
  });
}

function sorted(settings: Record<string, string>): [string, string][] {
  return Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1));
}
