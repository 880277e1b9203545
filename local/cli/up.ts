import { modelFolder } from "../stack/model-folder.ts";
import { recordedScoringUrl } from "../stack/records.ts";
import { operate } from "./engine-run.ts";
import { quote } from "./env.ts";
import type { Invocation } from "./invocation.ts";
import { scoreAndCompare } from "./verification.ts";
import { withExclusiveSession } from "./with-session.ts";

/** Deploys the stack, scores with what was deployed, and says where it is. */
export async function up(invocation: Invocation): Promise<void> {
  const { print, stack: name } = invocation;
  await withExclusiveSession("up", invocation, async (session) => {
    const replace = invocation.replace.flatMap((urn) => ["--replace", urn]);
    await operate(session, invocation, ["up", "--yes", "--skip-preview", ...replace]);
    const scoringUrl = await recordedScoringUrl(name);
    if (!scoringUrl) throw new Error(`Stack ${name} has no output scoringUrl.`);
    const { folder } = await modelFolder(name, invocation.model);
    const { body, lines } = await scoreAndCompare(scoringUrl, folder);
    for (const line of lines) print(line);
    print(`Scoring URL: ${scoringUrl}`);
    if (body === undefined) return;
    print("Try it:");
    print(
      `  curl --cacert ${quote(session.azure.caFile)} -H 'Content-Type: application/json' -d ${quote(JSON.stringify(body))} ${scoringUrl}`,
    );
  });
}
