import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { release } from "node:os";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { Confinement, takeBack, unfit } from "../../local/cli/confinement.ts";
import type { Session } from "../../local/cli/session.ts";
import { startConfined } from "../../local/docker/confined.ts";
import { dockerClient } from "../../local/setup/docker.ts";
import { stateDirectory } from "../../local/system/clone.ts";

describe("a Docker daemon that", () => {
  const socket = "unix:///var/run/docker.sock";
  const here = {
    KernelVersion: release(),
    SecurityOptions: ["name=apparmor", "name=seccomp,profile=default"],
  };

  test("runs on this machine, and is reached by its socket, confines a commit's program", () => {
    expect(unfit(socket, here)).toBeUndefined();
  });

  test.each([
    [
      "listens on the network",
      "tcp://127.0.0.1:2375",
      here,
      /listens on the network, where that program could use it/,
    ],
    [
      "is rootless",
      socket,
      { ...here, SecurityOptions: ["name=rootless"] },
      /rootless .* do not reach local Azure/,
    ],
    ["runs in a virtual machine", socket, { ...here, KernelVersion: "0.0.0-linuxkit" }, /virtual machine/],
  ])("%s does not", (_, host, info, why) => {
    expect(unfit(host, info)).toMatch(why);
  });

  test("does not is told in one sentence, and asked for nothing more", async () => {
    const asked: string[] = [];
    const daemon = createServer(({ url = "" }, response) => {
      asked.push(url);
      response.end(JSON.stringify(here));
    }).listen(0, "127.0.0.1");
    await once(daemon, "listening");
    const dockerHost = `tcp://127.0.0.1:${(daemon.address() as AddressInfo).port}`;
    const session = { azure: { options: { dockerHost } }, machineSettings: {} } as unknown as Session;
    await expect(Confinement.open("/nowhere", session, () => {})).rejects.toThrow(
      /^A commit's program runs in a container, .* and the Docker daemon at tcp:\S+ listens on the network, [^\n]+\.$/,
    );
    expect(asked).toEqual(["/info"]);
    daemon.close();
  });
});

test("what runs of one commit ends, and what another command compares with at that moment goes on", async () => {
  /** Labels of the containers that run, by their ids. */
  const running = new Map<string, Record<string, string>>();
  const daemon = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://daemon");
    const id = pathname.split("/")[2]!;
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (pathname === "/containers/create") {
      const { Labels, Image } = JSON.parse(await text(request));
      running.set(Image, Labels);
      // What is asked of a container that runs is no matter here.
      return answer(500, { message: "enough" });
    }
    if (pathname.endsWith("/wait")) return answer(200, { StatusCode: 0 });
    if (request.method === "DELETE") return answer(running.delete(id) ? 204 : 404, {});
    const { label } = JSON.parse(searchParams.get("filters")!) as { label: string[] };
    const found = [...running].filter(([, labels]) =>
      label.every((one) => Object.entries(labels).some((pair) => pair.join("=") === one)),
    );
    answer(
      200,
      found.map(([Id]) => ({ Id })),
    );
  }).listen(0, "127.0.0.1");
  await once(daemon, "listening");
  const dockerHost = `tcp://127.0.0.1:${(daemon.address() as AddressInfo).port}`;
  const docker = dockerClient({ host: dockerHost });
  for (const stack of ["dev", "staging"]) {
    const owner = { clone: stateDirectory, folder: `/against/${stack}` };
    const program = { image: stack, owner, argv: [], directory: "/", environment: {}, readable: {} };
    await expect(startConfined(docker, program)).rejects.toThrow("enough");
  }
  await takeBack("dev-against", "/against/dev", { azure: { options: { dockerHost } } } as unknown as Session);
  expect([...running.keys()]).toEqual(["staging"]);
  daemon.close();
});
