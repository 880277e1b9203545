import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pullImage, StartError } from "../../../../local/azure/web/runtime/pull.ts";
import { PulledImages } from "../../../../local/azure/web/runtime/pulled-images.ts";
import { SiteLog } from "../../../../local/azure/web/runtime/site-log.ts";
import { type StubDaemon, startStubDaemon } from "./stub-daemon.ts";

let folder: string;
let daemon: StubDaemon;
let images: PulledImages;
/** What the daemon answers to a request that has this in it. */
let statuses: Record<string, number>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pulled-images-test-"));
  statuses = {};
  daemon = await startStubDaemon(
    (request) => Object.entries(statuses).find(([part]) => request.includes(part))?.[1] ?? 200,
  );
  images = new PulledImages(daemon.docker, join(folder, "images.json"));
});
afterEach(async () => {
  await daemon.dispose();
  await rm(folder, { recursive: true, force: true });
});

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const app = (digit: string) => `localhost:5000/team/app@${digest(digit)}`;
const kept = async () => JSON.parse(await readFile(join(folder, "images.json"), "utf8"));
const addAll = async (...all: string[]) => {
  for (const image of all) await images.add(image);
};

test("what Docker cannot parse is nothing to remove, whoever says so", async () => {
  statuses = { "team/short": 400, "team/gone": 404, "team/used": 409 };
  const short = "localhost:5000/team/short@sha256:0123456789012345678901234567890123456789";
  await addAll(
    "/x:1",
    "localhost/localhost:1/x:1",
    "a b",
    "Upper:1",
    "../x",
    short,
    "team/gone:1",
    "team/used:1",
  );
  await images.remove();
  expect(daemon.requests).toEqual([
    `DELETE /images/${short}`,
    "DELETE /images/team/gone:1",
    "DELETE /images/team/used:1",
  ]);
  await expect(kept()).rejects.toThrow("ENOENT");
});

test("a bare name is removed with its tag, as it might be the beginning of an image's id", async () => {
  await addAll("abc", "localhost:5000/app");
  await images.remove();
  expect(daemon.requests).toEqual(["DELETE /images/abc:latest", "DELETE /images/localhost:5000/app:latest"]);
});

test("a daemon's failure is not swallowed, and the references stay known", async () => {
  statuses = { team: 500 };
  await addAll("team/app:1");
  await expect(images.remove()).rejects.toThrow("the daemon's message");
  expect(await kept()).toEqual(["team/app:1"]);
});

test("earlier digests of the same repository go, except what is wanted or in use", async () => {
  statuses = { [digest("3")]: 409, [digest("4")]: 404 };
  const others = [
    "localhost:5000/team/app:v1",
    `localhost:5000/team/app-two@${digest("6")}`,
    `localhost:5001/team/app@${digest("7")}`,
  ];
  await addAll(app("1"), app("2"), app("3"), app("4"), app("5"), ...others);
  await images.removeEarlier(app("5"), (image) => image === app("5") || image === app("2"));
  expect(daemon.requests).toEqual(["1", "3", "4"].map((digit) => `DELETE /images/${app(digit)}`));
  expect(await kept()).toEqual([app("2"), app("3"), app("5"), ...others]);
});

test("images of registries elsewhere stay, since this machine's user may have pulled them too", async () => {
  const [first, second] = ["1", "2"].map((digit) => `host.example/app@${digest(digit)}`) as [string, string];
  await addAll(first, second);
  await images.removeEarlier(second, () => false);
  expect(daemon.requests).toEqual([]);
});

test("the file is replaced as a whole: who has it open reads the earlier one to its end", async () => {
  await addAll("team/app:1");
  const file = await open(join(folder, "images.json"));
  await addAll("team/app:2");
  expect(JSON.parse(await file.readFile("utf8"))).toEqual(["team/app:1"]);
  await file.close();
});

test("a pull waits while its image is being removed", async () => {
  await addAll(app("1"), app("2"));
  const removed = images.removeEarlier(app("2"), (image) => image === app("2"));
  await Promise.all([removed, images.add(app("1"))]);
  expect(daemon.requests).toEqual([`DELETE /images/${app("1")}`]);
  expect(await kept()).toEqual([app("2"), app("1")]);
});

test.each(["/x:1", "localhost/localhost:1/x:1", "a b", "localhost:5000/Upper", "../x:1"])(
  "%j is not pulled: the platform logs what Docker would say",
  async (image) => {
    const log = new SiteLog(join(folder, "LogFiles"), "machine");
    const { signal } = new AbortController();
    await expect(pullImage(daemon.docker, image, undefined, log, signal)).rejects.toThrow(StartError);
    expect(log.merged()).toContain(
      'DockerApiException: Docker API responded with status code=BadRequest, response={"message":"invalid reference format"}',
    );
    expect(daemon.requests).toEqual([]);
  },
);
