import { words } from "../../../system/words.ts";
import type { SiteSpec } from "./types.ts";

/** Settings of the platform that the container never sees. */
const notPassed = /^DOCKER_REGISTRY_SERVER_/i;

/**
 * The container's environment but for PORT: the app settings, and over them what App Service says of itself.
 *
 * @param instanceId - 64 hexadecimal digits.
 */
export function platformEnvironment(spec: SiteSpec, instanceId: string): Record<string, string> {
  const host = `localhost:${spec.port}`;
  const settings = Object.entries(spec.appSettings).filter(([name]) => !notPassed.test(name));
  return {
    ...Object.fromEntries(settings.map(([name, value]) => [variable(name), value])),
    WEBSITE_SITE_NAME: spec.name,
    WEBSITE_HOSTNAME: host,
    WEBSITE_DEFAULT_HOSTNAME: host,
    WEBSITE_INSTANCE_ID: instanceId,
    WEBSITE_ROLE_INSTANCE_ID: "0",
    WEBSITE_RESOURCE_GROUP: spec.resourceGroup,
    WEBSITE_OWNER_NAME: `${spec.subscriptionId}+${spec.resourceGroup}-${spec.location}webspace-Linux`,
    REGION_NAME: spec.location,
    WEBSITE_SKU: spec.sku.tier,
    WEBSITE_COMPUTE_MODE: spec.sku.computeMode,
    WEBSITE_AUTH_ENABLED: "False",
    WEBSITE_USE_DIAGNOSTIC_SERVER: "False",
    ...(spec.containerLogging ? { HTTP_LOGGING_ENABLED: "1" } : {}),
    HOME: "/home",
  };
}

/** The variable of an app setting or connection string: a dot becomes `_`, a dash goes (azure-docs#69795, dotnet/runtime#63312). */
function variable(name: string): string {
  return name.replaceAll(".", "_").replaceAll("-", "");
}

/** The variables that the platform prints in its `docker run` line, in its order. */
const printed =
  words(`WEBSITES_ENABLE_APP_SERVICE_STORAGE WEBSITES_PORT DOCKER_CUSTOM_IMAGE_NAME WEBSITE_SITE_NAME
  WEBSITE_AUTH_ENABLED PORT WEBSITE_ROLE_INSTANCE_ID WEBSITE_HOSTNAME WEBSITE_INSTANCE_ID HTTP_LOGGING_ENABLED
  WEBSITE_USE_DIAGNOSTIC_SERVER`);

/**
 * The platform log's `docker run` line: neither secrets nor ordinary app settings are in it.
 *
 * @param published - `hostPort:containerPort` pairs; empty when the container ended before its ports were known.
 */
export function dockerRunLine(run: {
  name: string;
  image: string;
  command: string[];
  ports: number[];
  published: string[];
  environment: Record<string, string>;
}): string {
  const environment = run.environment;
  const shown = printed.filter(
    (name) => environment[name] !== undefined && !(name === "PORT" && environment.WEBSITES_PORT),
  );
  return [
    "docker run -d",
    ...(run.published.length > 0
      ? run.published.map((pair) => `-p ${pair}`)
      : run.ports.map((port) => `--expose=${port}`)),
    `--name ${run.name}`,
    ...shown.map((name) => `-e ${name}=${environment[name]}`),
    [run.image, ...run.command].join(" "),
    " \n",
  ].join(" ");
}
