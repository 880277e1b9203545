import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { ArmRequestError } from "../arm-client/arm-error.ts";
import { runningBackground } from "../process/background.ts";
import { recordedSite } from "../stack/records.ts";
import type { Invocation } from "./invocation.ts";
import { armClient } from "./session.ts";
import { withSession } from "./with-session.ts";

const apiVersion = "2025-05-01";

/** Prints the last lines of the web app's log; with --follow what comes after too, until Ctrl-C. */
export async function logs(invocation: Invocation): Promise<void> {
  const { stack } = invocation;
  const site = await recordedSite(stack);
  if (!site) {
    throw new Error(`Stack ${stack} has no web app: \`npm run local -- up --stack ${stack}\` deploys it.`);
  }
  // Reading a log is no reason to start a web app that a person has stopped.
  if (!(await runningBackground()))
    throw new Error("Local Azure is stopped: `npm run local -- start` brings it back, with the web app.");
  await withSession("logs", invocation, async (session) => {
    const client = await armClient(session);
    if (invocation.follow) return follow(client, site);
    const answer = await client.arm.send({ method: "POST", path: `${site}/containerlogs`, apiVersion });
    if (answer.status >= 400) throw new ArmRequestError(answer);
    process.stdout.write(answer.body);
  });
}

/** The log stream of the app's SCM host, the one that `az webapp log tail` reads. */
async function follow({ arm, token }: Awaited<ReturnType<typeof armClient>>, site: string): Promise<void> {
  const { properties } = (await arm.get({ path: site, apiVersion })) as {
    properties: { hostNameSslStates: { name: string; hostType: string }[] };
  };
  const host = properties.hostNameSslStates.find(({ hostType }) => hostType === "Repository")?.name;
  const interrupted = new AbortController();
  process.on("SIGINT", () => interrupted.abort());
  try {
    const stream = await fetch(`https://${host}/logstream`, {
      headers: { authorization: `Bearer ${await token()}` },
      signal: interrupted.signal,
    });
    if (!stream.ok || !stream.body) throw new Error(`The log stream answered ${stream.status}.`);
    for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
      if (!process.stdout.write(chunk) && process.stdout.destroyed) break;
    }
  } catch (error) {
    // The person's way to say that it is enough.
    if (!interrupted.signal.aborted) throw brokenOff(error as Error);
    // npm passes it on to a process that has got it already, and one that is ending would die of it.
    await Promise.race([once(process, "SIGINT"), delay(300)]);
  }
}

/** What fetch and its streams fail with is a TypeError, as where another command stops local Azure. */
function brokenOff(error: Error): Error {
  if (!(error instanceof TypeError)) return error;
  const { message } = (error.cause ?? error) as Error;
  return new Error(`The log stream broke off (${message}): \`npm run local -- status\` says what runs.`);
}
