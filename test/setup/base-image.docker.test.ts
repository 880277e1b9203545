import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { systemCaBundle } from "../../local/net/system-ca-bundle.ts";
import { ensureBaseImage, removeBaseImage } from "../../local/setup/base-image.ts";
import { dockerClient, findDockerDaemon } from "../../local/setup/docker.ts";
import { hasImage, isAvailable } from "../../local/setup/images.ts";
import { ensurePythonImages } from "../../local/setup/python-images.ts";
import { cacheDirectory } from "../../local/system/clone.ts";
import { machine } from "./sandbox.ts";

/** Names what this file makes, and nothing else on this machine. */
const clone = `base-test-${process.pid}`;
let docker: Docker;

beforeAll(async () => {
  const daemon = await findDockerDaemon(cacheDirectory);
  if (!daemon) throw new Error("No Docker daemon answers.");
  docker = dockerClient(daemon);
});
afterAll(() => removeBaseImage(docker, clone));

/**
 * As where no public registry can be reached: the daemon is asked for nothing but its own images.
 *
 * @param alone - as where no other clone has made one.
 */
function withoutPublicImage(alone = false): Docker {
  const apart = Object.create(docker) as Docker;
  if (alone) apart.listImages = async () => [];
  apart.getImage = (name) => {
    const image = docker.getImage(name.startsWith("node:") ? "absent.invalid/node" : name);
    return image;
  };
  return apart;
}

function context() {
  const here = machine();
  return { ...here, context: { ...here.context, cacheDirectory, path: process.env.PATH ?? "" } };
}

describe("where the public image cannot be had", () => {
  it("makes one in which this Node, npm and TLS work, and takes it again the next time", async () => {
    const { context: here, lines } = context();
    const reference = (await ensureBaseImage(here, withoutPublicImage(true), clone))!;
    expect(lines).toContainEqual(expect.stringMatching(/^Importing /));
    expect(reference).toMatch(new RegExp(`^azure-ml-scoring-base-${clone}:[0-9a-f]{12}$`));
    const inside = (...argv: string[]) =>
      execFileSync("docker", ["run", "--rm", reference, ...argv], { encoding: "utf8" }).trim();
    expect(inside("node", "--version")).toBe(process.version);
    expect(inside("sh", "-c", "npm --version && npm config get cafile")).toMatch(
      /^\d+\.\d+\.\d+\n\/etc\/ssl\/certs\/ca-certificates\.crt$/,
    );
    expect(inside("sh", "-c", "su=$(id -un 1000) && echo $su && date +%Z")).toBe("node\nUTC");
    lines.length = 0;
    expect(await ensureBaseImage(here, withoutPublicImage(), clone)).toBe(reference);
    expect(lines).toEqual([]);
  });

  it("is the same image for all clones, each with a name of its own, which goes without the others", async () => {
    const { context: here, lines } = context();
    const other = `${clone}-other`;
    onTestFinished(() => removeBaseImage(docker, other));
    const mine = (await ensureBaseImage(here, withoutPublicImage(), clone))!;
    lines.length = 0;
    const theirs = (await ensureBaseImage(here, withoutPublicImage(), other))!;
    expect(lines).toEqual([]);
    const [first, second] = await Promise.all([mine, theirs].map((name) => docker.getImage(name).inspect()));
    expect(second?.Id).toBe(first?.Id);
    await removeBaseImage(docker, clone);
    expect(await hasImage(docker, mine)).toBe(false);
    expect(await hasImage(docker, theirs)).toBe(true);
  });

  it("makes Python's two when they are wanted, and names them from then on; they go with the clone's", async () => {
    const { context: here, lines } = context();
    const images = (wanted: boolean) => ensurePythonImages(here, withoutPublicImage(), clone, wanted);
    expect(await images(false)).toBeUndefined();
    expect(lines).toEqual([]);
    const { pythonImage, pythonBuildImage } = (await images(true))!;
    const inside = (image: string, script: string) =>
      execFileSync("docker", ["run", "--rm", image, "sh", "-c", script], { encoding: "utf8" }).trim();
    const tools = "for name in pip gcc apt-get; do command -v $name; done; true";
    expect(inside(pythonImage, `python3 --version; ${tools}`)).toMatch(
      /^Python 3\.11\.\d+\n\/usr\/bin\/apt-get$/,
    );
    expect(inside(pythonBuildImage, tools).split("\n")).toHaveLength(3);
    // Of this machine: in the image that installs, not in the one that runs.
    expect(inside(pythonImage, "cat /etc/pip.conf 2>/dev/null; true")).toBe("");
    if (systemCaBundle())
      expect(inside(pythonBuildImage, "pip config list")).toMatch(/^global.cert='\/etc\/ssl\//);
    lines.length = 0;
    expect(await images(false)).toEqual({ pythonImage, pythonBuildImage });
    expect(lines).toEqual([]);
    await removeBaseImage(docker, clone);
    expect(
      await Promise.all([pythonImage, pythonBuildImage].map((image) => hasImage(docker, image))),
    ).toEqual([false, false]);
  });

  it("keeps one archive in the cache for all clones", async () => {
    const archives = readdirSync(`${cacheDirectory}/base-image`);
    expect(archives.filter((name) => !/^[0-9a-f]{12}\.tar$/.test(name))).toEqual([]);
  });
});

it("makes none where the daemon holds the public image", async () => {
  const { context: here } = context();
  const apart = Object.create(docker) as Docker;
  const inspect = vi.fn(() => Promise.resolve({}));
  apart.getImage = (name) =>
    name.startsWith("node:")
      ? ({ inspect } as unknown as ReturnType<Docker["getImage"]>)
      : docker.getImage(name);
  expect(await ensureBaseImage(here, apart, "no-such-clone")).toBeUndefined();
  expect(inspect).toHaveBeenCalled();
});

it("does not take an image for available that no registry has", async () => {
  expect(await isAvailable(docker, "absent.invalid/image:1")).toBe(false);
});
