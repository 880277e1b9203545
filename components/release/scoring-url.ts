import * as web from "@pulumi/azure-native/web";
import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { calling, programError, REFRESH } from "../arguments/errors";
import { wholeNumber } from "../arguments/values";
import { armRequest } from "../azure/resource-manager";
import { LOG_LINES, NotReadyError, type Target, waitUntilReady } from "./readiness";

/** The service's arguments for releasing a revision. */
export interface ReleaseArgs {
  /** Seconds to wait until the new revision scores, 10 to 7200. */
  readyTimeout: pulumi.Input<number>;
}

export const RELEASE_CHECKS: Checks<ReleaseArgs> = { readyTimeout: { check: wholeNumber(10, 7200) } };

/** What is released, and where. */
interface Release {
  target: pulumi.Input<{ [K in keyof Target]: pulumi.Input<Target[K]> }>;
  /** As Azure says which image is set. */
  linuxFxVersion: pulumi.Input<string>;
  webAppId: pulumi.Input<string>;
}

/**
 * https://HOST/score, known once the revision is ready. The app is asked on every update, also when nothing changed, and
 * never in a preview.
 * @param resource is shown to be waiting, and to have failed
 */
export function scoringUrlWhenReady(release: Release, resource: pulumi.Resource): pulumi.Output<string> {
  return pulumi.output(release).apply(async ({ target, linuxFxVersion, webAppId }) => {
    if (!pulumi.runtime.isDryRun()) await untilReady(target, linuxFxVersion, webAppId, resource);
    return `${target.baseUrl}/score`;
  });
}

async function untilReady(target: Target, image: string, webAppId: string, resource: pulumi.Resource) {
  const [, , , , resourceGroupName = "", , , , name = ""] = webAppId.split("/");
  const log = async () => {
    const answer = await armRequest(`${webAppId}/containerlogs?api-version=2025-05-01`, resource, {});
    return { text: await answer.text(), time: Date.parse(answer.headers.get("date") ?? "") };
  };
  const checkImage = async () => {
    const call = web.getWebApp({ resourceGroupName, name }, { parent: resource });
    const site = await calling("The web app could not be read", call, resource);
    const found = site.siteConfig?.linuxFxVersion || "nothing";
    const fault = `The web app ${name} is set to run ${found} instead of ${image}: somebody changed it`;
    if (found.toLowerCase() !== image.toLowerCase()) throw programError(`${fault}; ${REFRESH}`, resource);
    return Date.parse(site.lastModifiedTimeUtc.replace(/Z?$/, "Z")); // UTC, and does not say so
  };
  try {
    await waitUntilReady(target, {
      fetch,
      log,
      checkImage,
      now: () => performance.now(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      report: (progress) => void pulumi.log.info(progress, resource, undefined, true),
    });
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    const words = await log().then(
      ({ text }) => `Last lines of its container log:\n${lastLines(text) || "(none)"}`,
      (reason: Error) => `Its container log could not be read: ${reason.message}`,
    );
    const follow = `To follow the log: az webapp log tail --name ${name} --resource-group ${resourceGroupName}`;
    throw programError(`The web app at ${target.baseUrl} is ${error.message}\n${words}\n${follow}`, resource);
  }
}

const lastLines = (text: string) => text.trimEnd().split(/\r?\n/).slice(-LOG_LINES).join("\n");
