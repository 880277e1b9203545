import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import { serialQueue } from "../system/serial-queue.ts";
import type { EngineLog } from "./plugin.ts";

/** Speaks to the engine that attached, at the address it gave; what no engine listens to goes to `log`. */
export function createEngineLog(
  address: () => string | undefined,
  log: (line: string) => void,
): EngineLog & { close(): void } {
  let client: InstanceType<typeof engineGrpc.EngineClient> | undefined;
  let clientAddress: string | undefined;
  /** The engine handles calls side by side: a line waits for the one before it. */
  let serially = serialQueue();

  function send(severity: engine.LogSeverity, urn: string, message: string, ephemeral: boolean): void {
    const to = address();
    if (to === undefined) {
      log(message);
      return;
    }
    if (to !== clientAddress) {
      client?.close();
      client = new engineGrpc.EngineClient(to, grpc.credentials.createInsecure());
      clientAddress = to;
      serially = serialQueue();
    }
    const request = new engine.LogRequest()
      .setSeverity(severity)
      .setUrn(urn)
      .setMessage(message)
      .setEphemeral(ephemeral);
    const sender = client!;
    const line = () => promisify(sender.log.bind(sender))(request);
    // A line that an ended engine no longer takes, or a closed connection, must not fail the operation it tells of.
    void serially(line).catch((error: Error) =>
      log(`${message} (the engine did not take this line: ${error.message})`),
    );
  }

  return {
    status: (urn, message) => send(engine.LogSeverity.INFO, urn, message, true),
    info: (urn, message) => send(engine.LogSeverity.INFO, urn, message, false),
    close: () => client?.close(),
    warning: (urn, message) => send(engine.LogSeverity.WARNING, urn, message, false),
  };
}
