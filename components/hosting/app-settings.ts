import * as pulumi from "@pulumi/pulumi";
import type { Checks, StringMap } from "../arguments/arguments";
import { stringMap, wholeNumber } from "../arguments/values";
import type { RegistryAccess } from "../image/registry";
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

export interface AppSettingsArgs {
  /** Environment variables, shown in previews; none by default. */
  appSettings?: StringMap;
  /** Environment variables whose values are secrets; none by default. */
  secretAppSettings?: StringMap;
  /** Seconds that App Service gives a container to start, 10 to 1800; its own limit is 230. */
  startTimeLimit?: pulumi.Input<number>;
}

const START_TIME_LIMIT = "WEBSITES_CONTAINER_START_TIME_LIMIT";

const namesOfVariables = {
  check: stringMap((name) => {
    if ([...OWN_APP_SETTINGS, ...PLATFORM_APP_SETTINGS].includes(name.toUpperCase())) {
      return "is set by this program or by App Service; leave it out";
    }
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
    return "use letters, digits and _ in the name of a variable: App Service makes _ of a dot, and drops a dash";
  }),
  hidden: true,
};

export const APP_SETTINGS_CHECKS: Checks<AppSettingsArgs> = {
  appSettings: namesOfVariables,
  secretAppSettings: {
    ...namesOfVariables,
    against: [["appSettings"], (masked, { appSettings }) => checkNotTwice(masked, appSettings)],
  },
  startTimeLimit: {
    check: wholeNumber(10, 1800),
    against: [
      ["appSettings", "secretAppSettings"],
      (_, { appSettings, secretAppSettings }) => {
        for (const name of Object.keys({ ...appSettings, ...secretAppSettings })) {
          if (name.toUpperCase() === START_TIME_LIMIT)
            throw new Error(`${name} is in appSettings or secretAppSettings too: leave one out`);
        }
      },
    ],
  },
};

function checkNotTwice(masked: Record<string, string>, shown: Record<string, string> = {}): void {
  const lower = Object.keys(shown).map((name) => name.toLowerCase());
  const twice = Object.keys(masked).filter((name) => lower.includes(name.toLowerCase()));
  if (twice.length > 0) throw new Error(`${twice.join(", ")} is in appSettings too: leave one out`);
}

interface Container extends AppSettingsArgs, RegistryAccess {
  imageReference: pulumi.Input<string>;
  /** Secret, for the revision. */
  revisionKey: pulumi.Input<string>;
}

/** All app settings in one place, since Azure replaces the whole set at every write, and the revision that they make. */
export function containerSettings({ imageReference, loginServer, revisionKey, ...given }: Container) {
  const { appSettings = {}, secretAppSettings = {}, startTimeLimit } = given;
  const { username, password } = pulumi.output(given.credentials);
  const plain = {
    DOCKER_REGISTRY_SERVER_URL: pulumi.interpolate`https://${loginServer}`,
    WEBSITES_ENABLE_APP_SERVICE_STORAGE: "false",
    WEBSITES_PORT: "8080", // where the scoring app listens
    ...(startTimeLimit !== undefined && { [START_TIME_LIMIT]: pulumi.interpolate`${startTimeLimit}` }),
  };
  const own = {
    ...plain,
    DOCKER_REGISTRY_SERVER_USERNAME: username,
    DOCKER_REGISTRY_SERVER_PASSWORD: password,
  } satisfies Record<Exclude<(typeof OWN_APP_SETTINGS)[number], "SCORING_REVISION">, pulumi.Input<string>>;
  // Every answer of the app carries the revision, so it is no secret, and a URL that depends on it must not become one.
  const revision = pulumi.unsecret(
    pulumi
      .all([imageReference, appSettings, secretAppSettings, own, revisionKey])
      .apply(([image, shown, masked, set, key]) => revisionOf(image, { ...shown, ...masked, ...set }, key)),
  );
  const settings = pulumi.all([appSettings, secretAppSettings]).apply(([shown, masked]) => {
    const secrets = Object.entries(masked).map(([name, value]) => [name, pulumi.secret(value)]);
    const all = { ...shown, ...Object.fromEntries(secrets), ...own, SCORING_REVISION: revision };
    // Outputs stay outputs, so that each is secret or unknown by itself.
    return Object.entries<pulumi.Input<string>>(all)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name, value }));
  });
  const plainSettings: Record<string, pulumi.Input<string>> = { ...plain, SCORING_REVISION: revision };
  return { settings, revision, plainSettings };
}
