/**
 * `npm run destroy`: deletes everything of the stack that PULUMI_STACK names, and the stack, once CONFIRM says its name
 * again.
 */
import { spawnSync } from "node:child_process";

const { PULUMI_STACK = "", CONFIRM = "" } = process.env;
const name = PULUMI_STACK.split("/").at(-1);
if (!name || CONFIRM !== name) {
  const stack = name ? `the stack is '${name}'` : "PULUMI_STACK names no stack";
  console.error(`Nothing was deleted: CONFIRM is '${CONFIRM}', and ${stack}. Both must be the same name.`);
  process.exit(1);
}
// Not by `destroy --remove`, which deletes Pulumi.STACK.yaml, too.
const steps = [
  ["destroy", "--yes", "--skip-preview"],
  ["stack", "rm", "--yes", "--preserve-config"],
];
for (const words of steps) {
  const { status, error } = spawnSync("pulumi", [...words, "--non-interactive", "--color", "never"], {
    stdio: "inherit",
  });
  if (error) console.error(`pulumi cannot be started: ${error.message}`);
  process.exitCode = status ?? 1;
  if (status !== 0) break;
}
