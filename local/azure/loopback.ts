import type { Server } from "node:net";
import { explainListenError } from "../ports.ts";

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
 * @param name - the port's name in the PortBook, for the error.
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
      await listen(server, host, port);
      servers.push(server);
    } catch (error) {
      if (host === "::1" && absent.includes((error as NodeJS.ErrnoException).code ?? "")) continue;
      await close();
      throw await explainListenError(error, name, port);
    }
  }
  return { port, close };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
