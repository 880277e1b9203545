import * as pulumi from "@pulumi/pulumi";
import type { StringMap } from "../arguments/arguments";
import { stringMap } from "../arguments/values";
import type { RegistryCredentials } from "../image/registry";
import { revisionOf } from "../release/revision";

/** App settings that the program sets itself. */
export const OWN_APP_SETTINGS = [
  "DOCKER_REGISTRY_SERVER_URL",
  "DOCKER_REGISTRY_SERVER_USERNAME",
  "DOCKER_REGISTRY_SERVER_PASSWORD",
  "SCORING_REVISION",
  "WEBSITES_ENABLE_APP_SERVICE_STORAGE",
  "WEBSITES_PORT",
] as const;

/** Set by App Service itself, or at odds with {@link OWN_APP_SETTINGS}. */
const PLATFORM_APP_SETTINGS = ["DOCKER_CUSTOM_IMAGE_NAME", "PORT"];

export const APP_SETTINGS_CHECK = {
  check: stringMap((name) => {
    if ([...OWN_APP_SETTINGS, ...PLATFORM_APP_SETTINGS].includes(name.toUpperCase())) {
      return "is set by this program or by App Service; leave it out";
    }
    return /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)
      ? undefined
      : "use letters, digits, _ and . in the name of a variable";
  }),
  hidden: true,
};

/** The port that the scoring app listens on. */
const CONTAINER_PORT = "8080";

interface Container {
  imageReference: pulumi.Input<string>;
  loginServer: pulumi.Input<string>;
  credentials: pulumi.Input<RegistryCredentials>;
  appSettings?: StringMap;
  /** Secret, for the revision. */
  revisionKey: pulumi.Input<string>;
}

/** All app settings in one place, since Azure replaces the whole set at every write, and the revision that they make. */
export function containerSettings(container: Container) {
  const { imageReference, loginServer, credentials, appSettings = {}, revisionKey } = container;
  const own = pulumi
    .all([loginServer, credentials, appSettings])
    .apply(([server, { username, password }, given]) => {
      const set = {
        DOCKER_REGISTRY_SERVER_URL: `https://${server}`,
        DOCKER_REGISTRY_SERVER_USERNAME: username,
        DOCKER_REGISTRY_SERVER_PASSWORD: password,
        WEBSITES_ENABLE_APP_SERVICE_STORAGE: "false",
        WEBSITES_PORT: CONTAINER_PORT,
      } satisfies Record<Exclude<(typeof OWN_APP_SETTINGS)[number], "SCORING_REVISION">, string>;
      return { ...given, ...set };
    });
  const revision = pulumi
    .all([imageReference, own, revisionKey])
    .apply(([image, values, key]) => revisionOf(image, values, key));
  const settings = pulumi.all([own, revision]).apply(([values, value]) =>
    Object.entries({ ...values, SCORING_REVISION: value })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, text]) => ({ name: key, value: text })),
  );
  // Every answer of the app carries the revision, so it is no secret, and a URL that depends on it must not become one.
  return { settings, revision: pulumi.unsecret(revision) };
}
