import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { release } from "node:os";
import { describe, expect, test } from "vitest";
import { Confinement, unfit } from "../../local/cli/confinement.ts";
import type { Session } from "../../local/cli/session.ts";

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
