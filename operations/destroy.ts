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
const words = ["destroy", "--yes", "--skip-preview", "--non-interactive", "--color", "never", "--remove"];
process.exitCode = spawnSync("pulumi", words, { stdio: "inherit" }).status ?? 1;
