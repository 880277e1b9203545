import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";

/**
 * Imports an image that needs no base image: this machine's Node, the libraries that it loads, and one script.
 *
 * @param name - `repository:tag`.
 * @param exposed - A port to EXPOSE; none when undefined.
 */
export async function importNodeImage(
  docker: Dockerode,
  name: string,
  script: string,
  exposed?: number,
): Promise<void> {
  const archive = pack();
  const node = await realpath(process.execPath);
  const { stdout } = await promisify(execFile)("ldd", [node]);
  const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1]!);
  const entries: [string, Buffer, number][] = [
    ["app.mjs", Buffer.from(script), 0o644],
    ["bin/node", await readFile(node), 0o755],
  ];
  for (const library of libraries) entries.push([library.slice(1), await readFile(library), 0o755]);
  archive.entry({ name: "home/", type: "directory" });
  archive.entry({ name: "tmp/", type: "directory", mode: 0o1777 });
  for (const [path, content, mode] of entries) archive.entry({ name: path, mode }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  const [repo, tag] = splitTag(name);
  const changes = ['CMD ["/bin/node", "/app.mjs"]', "USER 1000", ...(exposed ? [`EXPOSE ${exposed}`] : [])];
  const query = new URLSearchParams({ fromSrc: "-", repo, tag });
  for (const change of changes) query.append("changes", change);
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/images/create?${query}`,
        method: "POST",
        file: Buffer.concat(chunks) as unknown as string,
        isStream: true,
        statusCodes: { 200: true, 500: "server error" },
      },
      (error, data) => (error ? reject(error) : resolve(data as NodeJS.ReadableStream)),
    );
  });
  await followed(docker, stream);
}

/** Waits for the end of a Docker progress stream; rejects with its error. */
export function followed(docker: Dockerode, stream: NodeJS.ReadableStream): Promise<{ aux?: unknown }[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)));
  });
}

function splitTag(name: string): [repository: string, tag: string] {
  const colon = name.lastIndexOf(":");
  return [name.slice(0, colon), name.slice(colon + 1)];
}
