/**
 * `npm run recover`: makes the record of the stack that PULUMI_STACK names, or that is selected, what Azure has, after a
 * deployment was interrupted. Nothing is changed on Azure.
 */
import { spawnSync } from "node:child_process";
import { useEnvironmentProxy } from "../local/net/proxy.mjs";
import { recover } from "../local/stack/recovery.ts";
import { Azure } from "./preflight/azure.ts";

useEnvironmentProxy();
try {
  const azure = await Azure.signIn(process.env);
  const recovered = await recover({
    pulumi: async (...words) => pulumi(words),
    subscriptionId: azure.subscription,
    ask: (path, version) => azure.ask(path, version),
    report: (line) => console.log(line),
  });
  console.log(recovered ? "The stack's record is what Azure has." : "No operation was interrupted.");
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function pulumi(words: string[]): string {
  const { status, stdout, error } = spawnSync("pulumi", [...words, "--non-interactive", "--color", "never"], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error) throw new Error(`pulumi cannot be started: ${error.message}`);
  if (status === 0) return stdout;
  throw new Error(`${stdout}\`pulumi ${words.join(" ")}\` failed.`);
}
