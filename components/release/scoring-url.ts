import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { calling, programError, REFRESH } from "../arguments/errors";
import { wholeNumber } from "../arguments/values";
import { armRequest } from "../azure/resource-manager";
import { LOG_LINES, NotReadyError, type Target, waitUntilReady } from "./readiness";

export interface ReleaseArgs {
  /** Seconds to wait until the new revision scores, 10 to 7200. */
  readyTimeout: pulumi.Input<number>;
}

export const RELEASE_CHECKS: Checks<ReleaseArgs> = { readyTimeout: { check: wholeNumber(10, 7200) } };

interface Release extends Target {
  webAppId: string;
  /** As Azure says which image is set. */
  linuxFxVersion: string;
  /** The program's own, but for the registry's credentials: Azure may not show a password. */
  appSettings: Record<string, string>;
}

/**
 * https://HOST/score, known once the revision is ready. The app is asked on every update, also when nothing changed, and
 * never in a preview.
 * @param resource is shown to be waiting, and to have failed
 */
export function scoringUrlWhenReady(release: pulumi.Output<Release>, resource: pulumi.Resource) {
  return release.apply(async (target) => {
    if (!pulumi.runtime.isDryRun()) await untilReady(target, resource);
    return `${target.baseUrl}/score`;
  });
}

async function untilReady(target: Release, resource: pulumi.Resource) {
  const { webAppId, linuxFxVersion, appSettings } = target;
  const [, , , , resourceGroupName = "", , , , name = ""] = webAppId.split("/");
  const log = async () => {
    const answer = await armRequest(`${webAppId}/containerlogs?api-version=2025-05-01`, resource, {});
    return { text: await answer.text(), time: Date.parse(answer.headers.get("date") ?? "") };
  };
  const checkSite = async () => {
    const [app, parent] = [{ resourceGroupName, name }, { parent: resource }];
    const calls = Promise.all([web.getWebApp(app, parent), web.listWebAppApplicationSettings(app, parent)]);
    const [site, { properties = {} }] = await calling("The web app could not be read", calls, resource);
    const fault = (what: string, remedy: string) =>
      programError(`The web app ${name} is set to run ${what}: somebody changed it; ${remedy}`, resource);
    const image = site.siteConfig?.linuxFxVersion || "nothing";
    if (image.toLowerCase() !== linuxFxVersion.toLowerCase())
      throw fault(`${image} instead of ${linuxFxVersion}`, REFRESH);
    const others = Object.entries(appSettings).flatMap(([setting, value]) => {
      const found = properties[setting] ?? "";
      return found === value ? [] : [`${setting} "${found}" instead of "${value}"`];
    });
    // No refresh is shown them, and no update sends them that has nothing else to change.
    const remedy = "a changed tag or app setting makes `pulumi up` send them anew";
    if (others.length > 0) throw fault(`with ${others.join(", ")}`, remedy);
    return Date.parse(site.lastModifiedTimeUtc.replace(/Z?$/, "Z")); // UTC, and does not say so
  };
  try {
    await waitUntilReady(target, {
      fetch,
      log,
      checkSite,
      now: () => performance.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      report: (text, keep = false) => void pulumi.log.info(text, resource, undefined, !keep),
    });
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const words = await log().then(
      ({ text }) =>
        `Last lines of its container log:\n${text.trimEnd().split(/\r?\n/).slice(-LOG_LINES).join("\n") || "(none)"}`,
      (reason: Error) => `Its container log could not be read: ${reason.message}`,
    );
    const follow = `To follow the log: az webapp log tail --name ${name} --resource-group ${resourceGroupName}`;
    throw programError(`The web app at ${target.baseUrl} is ${error.message}\n${words}\n${follow}`, resource);
  }
}
