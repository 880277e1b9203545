import { execFile } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:net";
import { promisify } from "node:util";

/** A kept port that another process holds. */
export class PortTakenError extends Error {}

export interface Listener {
  port: number;
  /** Ends the listeners and their connections. */
  close(): Promise<void>;
}

/** No IPv6 on this machine. */
const absent = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];

/**
 * Listens on 127.0.0.1, and on ::1 where the machine has it, since `localhost` may mean either.
 *
 * @param create - makes one server; called once an address.
 * @param name - the port's name in the PortBook, e.g. `site/app-scoring-dev`.
 * @throws PortTakenError when somebody else listens there.
 */
export async function listenOnLoopback(create: () => Server, port: number, name: string): Promise<Listener> {
  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(
      servers.map(
        (server) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
          }),
      ),
    );
  };
  for (const host of ["127.0.0.1", "::1"]) {
    const server = create();
    try {
      server.listen(port, host);
      await once(server, "listening");
      servers.push(server);
    } catch (error) {
      if (host === "::1" && absent.includes((error as NodeJS.ErrnoException).code ?? "")) continue;
      await close();
      throw await explainListenError(error, name, port);
    }
  }
  return { port, close };
}

/**
 * Turns a failed `listen` on a kept port, Node's error or gRPC's, into one sentence that names the port's owner; other
 * errors are returned as they are.
 */
export async function explainListenError(error: unknown, name: string, port: number): Promise<unknown> {
  if (!(error instanceof Error && error.message.includes("EADDRINUSE"))) return error;
  // Addresses of sites and registries are in what is deployed; the others are only where clients look for local Azure.
  const otherPort = /^(azure|provider)\//.test(name)
    ? `, or delete the line "${name}" in .local/ports.json for another port (shells then need \`env\` anew)`
    : "";
  return new PortTakenError(
    `Port ${port}, kept for ${name}, is in use by ${await portOwner(port)}: end that process and run the command again${otherPort}.`,
  );
}

async function portOwner(port: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)("ss", ["-Htanp", `sport = :${port}`]);
    const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout);
    if (match) return `${match[1]} (process ${match[2]})`;
  } catch {
    // `ss` is not everywhere; the sentence does without the name.
  }
  return "another process";
}
