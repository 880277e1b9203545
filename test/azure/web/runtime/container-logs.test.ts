import { PassThrough } from "node:stream";
import Dockerode from "dockerode";
import { expect, it } from "vitest";
import { followLogs } from "../../../../local/azure/web/runtime/container-logs.ts";
import type { SiteLog } from "../../../../local/azure/web/runtime/site-log.ts";

/** As Docker sends both streams over one connection. */
function frame(stream: "stdout" | "stderr", text: string): Buffer {
  const head = Buffer.from([stream === "stdout" ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

it("writes whole lines, and at the end what a container has left unfinished", async () => {
  const stream = new PassThrough();
  const container = { modem: new Dockerode().modem, logs: async () => stream };
  const written: string[] = [];
  const log = { container: (lines: string) => void written.push(lines) };
  const followed = followLogs(container as unknown as Dockerode.Container, log as SiteLog, 0);
  stream.write(frame("stdout", "one\ntw"));
  stream.write(frame("stderr", "fatal: no line"));
  stream.end(frame("stdout", "o\n"));
  await followed;
  expect(written).toEqual(["one\n", "two\n", "fatal: no line\n"]);
});
