import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { expect, it } from "vitest";
import { startConfined } from "../../local/docker/confined.ts";

const fails = (message: string) => () => Promise.reject(new Error(message));
const never = () => new Promise<never>(() => {});

/** Starts a program on a daemon whose containers have these methods. */
function start(container: Record<string, () => Promise<unknown>>): Promise<unknown> {
  const attach = async () => new PassThrough();
  const made = { attach, wait: never, ...container };
  const docker = { modem: new Docker().modem, createContainer: async () => made } as unknown as Docker;
  const owner = { clone: "clone", folder: "folder" };
  const program = { image: "image", owner, argv: ["true"], directory: "/", environment: {}, readable: {} };
  return startConfined(docker, program).catch((error: unknown) => error);
}

it("a container that cannot be attached to is removed", async () => {
  let removed = 0;
  const error = await start({ attach: fails("no such stream"), remove: async () => ++removed });
  expect([(error as Error).message, removed]).toEqual(["no such stream", 1]);
});

it("why a container does not start is told first, where it cannot be removed either", async () => {
  const error = await start({ start: fails("no such file"), remove: fails("busy") });
  expect((error as Error).message).toBe("no such file\nCleaning up failed too: busy");
});
