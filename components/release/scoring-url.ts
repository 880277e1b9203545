import * as pulumi from "@pulumi/pulumi";
import type { Checks } from "../arguments/arguments";
import { programError } from "../arguments/errors";
import { wholeNumber } from "../arguments/values";
import { lastLogLines } from "./container-log";
import { NotReadyError, waitUntilReady } from "./readiness";

/** The service's arguments for releasing a revision. */
export interface ReleaseArgs {
  /** Seconds to wait until the new revision scores, 10 to 7200. */
  readyTimeout: pulumi.Input<number>;
}

export const RELEASE_CHECKS: Checks<ReleaseArgs> = { readyTimeout: { check: wholeNumber(10, 7200) } };

/** What is released, and for how long it may take to be ready. */
interface Release extends ReleaseArgs {
  /** https://HOST */
  baseUrl: pulumi.Output<string>;
  revision: pulumi.Output<string>;
  webAppId: pulumi.Output<string>;
}

const LOG_LINES = 30;

/**
 * https://HOST/score, known once the revision is ready. The app is asked on every update, also when nothing changed, and
 * never in a preview.
 * @param resource is shown to be waiting, and to have failed
 */
export function scoringUrlWhenReady(release: Release, resource: pulumi.Resource): pulumi.Output<string> {
  const { baseUrl, revision, webAppId, readyTimeout } = release;
  return pulumi
    .all([baseUrl, revision, webAppId, readyTimeout])
    .apply(async ([url, expected, id, timeout]) => {
      if (!pulumi.runtime.isDryRun()) await untilReady(url, expected, id, timeout, resource);
      return `${url}/score`;
    });
}

async function untilReady(
  baseUrl: string,
  revision: string,
  webAppId: string,
  timeout: number,
  resource: pulumi.Resource,
): Promise<void> {
  try {
    await waitUntilReady(
      { baseUrl, revision, timeout },
      {
        fetch,
        now: () => performance.now(),
        sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
        report: (progress) => void pulumi.log.info(progress, resource, undefined, true),
      },
    );
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    throw programError(await failure(error, baseUrl, webAppId, resource), resource);
  }
}

async function failure(
  error: Error,
  baseUrl: string,
  webAppId: string,
  resource: pulumi.Resource,
): Promise<string> {
  const [resourceGroup, name] = [/\/resourceGroups\/([^/]+)/i, /\/sites\/([^/]+)/i].map(
    (part) => part.exec(webAppId)?.[1],
  );
  const log = await lastLogLines(webAppId, LOG_LINES, resource).then(
    (lines) =>
      lines.length ? `Last lines of its container log:\n${lines.join("\n")}` : "Its container log is empty.",
    (reason: Error) => `Its container log could not be read: ${reason.message}`,
  );
  return (
    `The web app at ${baseUrl} is ${error.message}\n${log}\n` +
    `To follow the log: az webapp log tail --name ${name} --resource-group ${resourceGroup}`
  );
}
