/**
 * `npm run rehearsal`: what this commit changes about a deployment of its first parent, tried on local Azure. In a pull
 * request's workflow that parent is the base, and GITHUB_STEP_SUMMARY the file of the job's summary. ALLOW_REPLACE=true says that
 * what holds data or the public name may be replaced or deleted.
 */
import { spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";

const words = ["run", "-s", "local", "--", "preview", "--against", "HEAD^", "--markdown"];
if (process.env.ALLOW_REPLACE === "true") words.push("--allow-replace");
const { stdout, status } = spawnSync("npm", words, {
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
  maxBuffer: Number.POSITIVE_INFINITY,
});
process.stdout.write(stdout);
if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, stdout);
process.exitCode = status ?? 1;
