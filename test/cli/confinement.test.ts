import { release } from "node:os";
import { describe, expect, test } from "vitest";
import { unfit } from "../../local/cli/confinement.ts";

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
});
