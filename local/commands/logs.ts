import { callResourceManager, token } from "../azure-client.ts";
import type { Session } from "../session.ts";
import { openStack } from "../stack.ts";
import type { Invocation } from "./index.ts";
import { beside } from "./locked.ts";

const apiVersion = "2025-05-01";

/** Prints the last lines of the web app's log; with --follow what comes after too, until Ctrl-C. */
export async function logs(invocation: Invocation): Promise<void> {
  await beside("logs", invocation, async (session) => {
    const site = await siteOf(session, invocation.stack);
    if (invocation.follow) {
      await follow(session, site);
    } else {
      const response = await callResourceManager(session, "POST", `${site}/containerlogs`, apiVersion);
      process.stdout.write(await response.text());
    }
  });
}

async function siteOf(session: Session, name: string): Promise<string> {
  const stack = await openStack(name, session.toolchain.engine, session.environment, false);
  const { resourceGroupName, webAppName } = stack ? await stack.outputs() : {};
  if (!resourceGroupName || !webAppName) {
    throw new Error(`Stack ${name} is not deployed: \`npm run local -- up --stack ${name}\` deploys it.`);
  }
  return `/subscriptions/${session.azure.subscriptionId}/resourceGroups/${resourceGroupName.value}/providers/Microsoft.Web/sites/${webAppName.value}`;
}

/** The log stream of the app's SCM host, the one that `az webapp log tail` reads. */
async function follow(session: Session, site: string): Promise<void> {
  const response = await callResourceManager(session, "GET", site, apiVersion);
  const { properties } = (await response.json()) as {
    properties: { hostNameSslStates: { name: string; hostType: string }[] };
  };
  const host = properties.hostNameSslStates.find(({ hostType }) => hostType === "Repository")?.name;
  const stream = await fetch(`https://${host}/logstream`, {
    headers: { authorization: `Bearer ${await token(session)}` },
  });
  if (!stream.ok || !stream.body) throw new Error(`The log stream answered ${stream.status}.`);
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) process.stdout.write(chunk);
}
