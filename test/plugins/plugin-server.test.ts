import { createServer } from "node:net";
import grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import Dockerode from "dockerode";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, expect, test } from "vitest";
import { listenOnLoopback } from "../../local/net/loopback.ts";
import { freePort } from "../../local/net/ports.ts";
import { type EngineLog, InitializationFailed, type Plugin } from "../../local/plugins/plugin.ts";
import { servePlugin } from "../../local/plugins/plugin-server.ts";
import { decode, encode } from "../../local/plugins/property-values.ts";
import { servePlugins } from "../../local/plugins/serve.ts";
import { thisProcess } from "../net/port-owner.ts";
import { noAzure } from "./options.ts";

const close: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of close.splice(0).toReversed()) await end();
});

async function serve(create: (engine: EngineLog) => Partial<Plugin>) {
  const served = await servePlugin({
    name: "test",
    version: "1.2.3",
    port: 0,
    create: (engine) => create(engine) as Plugin,
    log: () => {},
  });
  close.push(served.close);
  return served.port;
}

/** A connection of its own, as every engine has. */
function connect(port: number) {
  const options = { "grpc.use_local_subchannel_pool": 1 };
  const address = `127.0.0.1:${port}`;
  const client = new providerGrpc.ResourceProviderClient(address, grpc.credentials.createInsecure(), options);
  close.push(() => client.close());
  return client;
}

function failureOf(
  call: (callback: (error: grpc.ServiceError | null) => void) => void,
): Promise<grpc.ServiceError> {
  return new Promise((resolve, reject) =>
    call((error) => (error ? resolve(error) : reject(new Error("The call did not fail.")))),
  );
}

test("a method that is not there is named", async () => {
  const client = connect(await serve(() => ({})));
  const error = await failureOf((callback) => client.construct(new proto.ConstructRequest(), callback));
  expect(error.code).toBe(grpc.status.UNIMPLEMENTED);
  expect(error.details).toBe("The local test provider has no method 'construct'.");
});

test("an error arrives with its own words", async () => {
  const client = connect(
    await serve(() => ({
      async create() {
        throw new Error("cannot create: taken");
      },
    })),
  );
  const error = await failureOf((callback) => client.create(new proto.CreateRequest(), callback));
  expect(error.details).toBe("cannot create: taken");
});

test("a partial failure carries id, state and reason", async () => {
  const client = connect(
    await serve(() => ({
      async create() {
        throw new InitializationFailed("/the/id", { a: 1 }, { b: 2 }, "it did not come up");
      },
    })),
  );
  const error = await failureOf((callback) => client.create(new proto.CreateRequest(), callback));
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const [detail] = statusProto.Status.deserializeBinary(bytes as Buffer).getDetailsList();
  expect(detail?.getTypeName()).toBe("pulumirpc.ErrorResourceInitFailed");
  const failed = proto.ErrorResourceInitFailed.deserializeBinary(detail!.getValue_asU8());
  expect(failed.getId()).toBe("/the/id");
  expect(decode(failed.getInputs())).toEqual({ a: 1 });
  expect(decode(failed.getProperties())).toEqual({ b: 2 });
  expect(failed.getReasonsList()).toEqual(["it did not come up"]);
});

test("type and name come from the URN where an older engine sends neither", async () => {
  const client = connect(
    await serve(() => ({
      async check({ type, name, inputs }) {
        return { inputs: { ...inputs, type, name }, failures: [] };
      },
    })),
  );
  const request = new proto.CheckRequest();
  request.setUrn("urn:pulumi:dev::project::my:component:Type$test:index:Thing::a::b");
  request.setNews(encode({}));
  const response = await new Promise<proto.CheckResponse>((resolve, reject) =>
    client.check(request, (error, answer) => (error ? reject(error) : resolve(answer))),
  );
  expect(decode(response.getInputs())).toEqual({ type: "test:index:Thing", name: "a::b" });
});

/** An engine's end of the log. */
async function startEngine() {
  const lines: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const server = new grpc.Server();
  server.addService(engineGrpc.EngineService, {
    log(call: { request: engineProto.LogRequest }, callback: grpc.sendUnaryData<emptyProto.Empty>) {
      lines.push(`${call.request.getUrn()} ${call.request.getMessage()} ${call.request.getEphemeral()}`);
      callback(null, new emptyProto.Empty());
      arrived.resolve();
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  close.push(() => server.forceShutdown());
  return { lines, arrived: arrived.promise, address: `127.0.0.1:${port}` };
}

test("each engine that attaches has a provider and a log of its own", async () => {
  const port = await serve((engine) => ({
    async create({ urn }) {
      engine.status(urn, "building");
      return { id: "x", outputs: {} };
    },
  }));
  const engines = [await startEngine(), await startEngine()];
  const clients = engines.map(() => connect(port));
  for (const [index, client] of clients.entries()) {
    const request = new pluginProto.PluginAttach();
    request.setAddress(engines[index]!.address);
    await new Promise<void>((resolve, reject) =>
      client.attach(request, (error) => (error ? reject(error) : resolve())),
    );
  }
  for (const [index, client] of clients.entries()) {
    const request = new proto.CreateRequest();
    request.setUrn(`urn-${index}`);
    client.create(request, () => {});
  }
  await Promise.all(engines.map(({ arrived }) => arrived));
  expect(engines.map(({ lines }) => lines)).toEqual([["urn-0 building true"], ["urn-1 building true"]]);
});

test("an engine that reconnects finds its stack's provider, not another engine's", async () => {
  let made = 0;
  const port = await serve(() => {
    const provider = made++;
    return { check: async () => ({ inputs: { provider }, failures: [] }) };
  });
  const attach = (client: ReturnType<typeof connect>) =>
    new Promise<void>((resolve, reject) =>
      client.attach(new pluginProto.PluginAttach(), (error) => (error ? reject(error) : resolve())),
    );
  const ask = (client: ReturnType<typeof connect>, stack: string) =>
    new Promise<unknown>((resolve, reject) => {
      const request = new proto.CheckRequest().setUrn(`urn:pulumi:${stack}::p::test:index:Thing::a`);
      client.check(request.setNews(encode({})), (error, answer) =>
        error ? reject(error) : resolve(decode(answer.getInputs()).provider),
      );
    });
  for (const [index, stack] of ["dev", "pr-17"].entries()) {
    const client = connect(port);
    await attach(client);
    expect(await ask(client, stack)).toBe(index);
  }
  const again = connect(port);
  expect([await ask(again, "dev"), await ask(again, "pr-17")]).toEqual([0, 1]);
});

test("a port in use is one sentence, and providers that were served before are closed", async () => {
  const random = await serve(() => ({}));
  const docker = await freePort();
  const served = servePlugins({
    azure: noAzure,
    docker: new Dockerode(),
    projectDirectory: "/",
    ports: { docker, random },
    log: () => {},
  });
  const sentence = `^Port ${random}, kept for provider/random, is in use by ${thisProcess}:`;
  await expect(served).rejects.toThrow(new RegExp(sentence));
  await (await listenOnLoopback(createServer, docker, "provider/docker")).close();
});
