import { setTimeout as delay } from "node:timers/promises";
import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { expect, test } from "vitest";
import { createEngineLog } from "../../local/plugins/engine-log.ts";

test("lines reach the engine in their order, though it handles calls side by side", async () => {
  const lines: string[] = [];
  const all = Promise.withResolvers<void>();
  const server = new grpc.Server();
  server.addService(engineGrpc.EngineService, {
    async log(call: { request: engineProto.LogRequest }, callback: grpc.sendUnaryData<emptyProto.Empty>) {
      const message = call.request.getMessage();
      if (message === "Step 1") await delay(20);
      lines.push(message);
      callback(null, new emptyProto.Empty());
      if (lines.length === 3) all.resolve();
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const log = createEngineLog(
    () => `127.0.0.1:${port}`,
    () => {},
  );
  for (const step of [1, 2, 3]) log.status("urn", `Step ${step}`);
  await all.promise;
  expect(lines).toEqual(["Step 1", "Step 2", "Step 3"]);
  server.forceShutdown();
});

test("lines that come after the end of the connection are in the process's own log", async () => {
  const told = Promise.withResolvers<string>();
  const log = createEngineLog(() => "127.0.0.1:1", told.resolve);
  log.info("urn", "first");
  log.close();
  expect(await told.promise).toMatch(/^first \(the engine did not take this line: /);
  const late = Promise.withResolvers<string>();
  const closed = createEngineLog(
    () => "127.0.0.1:1",
    (line) => line.startsWith("late") && late.resolve(line),
  );
  closed.info("urn", "first");
  closed.close();
  closed.info("urn", "late");
  expect(await late.promise).toMatch(/^late \(the engine did not take this line: /);
});
