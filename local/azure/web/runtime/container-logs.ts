import { once } from "node:events";
import type { Readable } from "node:stream";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type Dockerode from "dockerode";
import { dockerMessage } from "./docker-error.ts";
import type { SiteLog } from "./site-log.ts";

/**
 * Copies a container's output to the site's log while it runs.
 *
 * @param since - Seconds of the epoch; 0: from the container's first line.
 * @returns when its last line is written.
 */
export async function followLogs(container: Dockerode.Container, log: SiteLog, since: number): Promise<void> {
  try {
    await copyLogs(container, log, since);
  } catch (error) {
    log.platform("ERROR", `The container's log could not be read: ${dockerMessage(error)}`);
  }
}

async function copyLogs(container: Dockerode.Container, log: SiteLog, since: number): Promise<void> {
  const stream = (await container.logs({
    follow: true,
    stdout: true,
    stderr: true,
    timestamps: true,
    since,
  })) as unknown as Readable;
  // Each of the two has its own unfinished last line.
  const [out, err] = [lineWriter(log), lineWriter(log)];
  container.modem.demuxStream(stream, out, err);
  await once(stream, "close");
  for (const writer of [out, err]) await finished(writer.end());
}

function lineWriter(log: SiteLog): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: true,
    write(chunk: Buffer, _encoding, done) {
      const text = rest + chunk.toString("utf8");
      const end = text.lastIndexOf("\n") + 1;
      rest = text.slice(end);
      if (end > 0) log.container(text.slice(0, end));
      done();
    },
    final(done) {
      if (rest) log.container(`${rest}\n`);
      done();
    },
  });
}
