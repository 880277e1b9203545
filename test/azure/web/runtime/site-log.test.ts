import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SiteLog } from "../../../../local/azure/web/runtime/site-log.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "site-log-test-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const now = () => new Date().toISOString();

it("writes the platform's and the container's lines to files named as App Service names them", async () => {
  const log = new SiteLog(directory, "lw1sdlwk000C43");
  log.platform("INFO", "Starting container for site");
  log.platform("ERROR", "failed");
  log.container(`${now().replace("Z", "456789Z")} hello\n`);
  const [container, platform] = log.files().map(({ name }) => name);
  expect(platform).toMatch(/^\d{4}_\d\d_\d\d_lw1sdlwk000C43_docker\.log$/);
  expect(container).toMatch(/^\d{4}_\d\d_\d\d_lw1sdlwk000C43_default_docker\.log$/);
  expect(await readFile(join(directory, platform!), "utf8")).toMatch(
    /^\S{23}Z INFO {2}- Starting container for site\n\S{23}Z ERROR - failed\n$/,
  );
});

it("merges both by time, keeping a line without a time with the one before", () => {
  const log = new SiteLog(directory, "m");
  const second = now().slice(0, 19);
  log.container(`${second}.000000001Z before\n  at a.js:1\n${second}.999999999Z after\n`);
  log.platform("INFO", "between");
  const between = log.merged().match(/.*between\n/)![0];
  const time = between.slice(20, 23);
  // Whatever the millisecond, the order is that of the times.
  const expected =
    time === "000"
      ? `${between}${second}.000000001Z before\n  at a.js:1\n${second}.999999999Z after\n`
      : `${second}.000000001Z before\n  at a.js:1\n${between}${second}.999999999Z after\n`;
  if (between.startsWith(second)) expect(log.merged()).toBe(expected);
  expect(log.merged(1).split("\n")).toHaveLength(2);
});

it("drops the container's lines while container logging is off, never the platform's", () => {
  const log = new SiteLog(directory, "m");
  log.containerLogging = false;
  log.container(`${now()} unseen\n`);
  log.platform("INFO", "seen");
  expect(log.merged()).toMatch(/seen/);
  expect(log.merged()).not.toMatch(/unseen/);
});

it("is readable by a later process, and empty when nothing was written", () => {
  expect(new SiteLog(directory, "m").merged()).toBe("");
  new SiteLog(directory, "m").platform("INFO", "from before");
  expect(new SiteLog(directory, "m").merged()).toContain("from before");
});

it("stays within twice its limit on disk, keeping the newest lines", () => {
  const log = new SiteLog(directory, "m", 1000);
  for (let line = 0; line < 100; line++) log.platform("INFO", `line ${line}`);
  const sizes = log.files().map(({ size }) => size);
  expect(sizes).toHaveLength(2);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
  expect(log.merged()).toContain("line 99");
});
