import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import grpc from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildProxies, directVariables, proxyVariables, withoutCredentials } from "../../local/net/proxy.mjs";
import { proxyEverywhere, recordingProxy } from "./recording-proxy.ts";

const local = join(import.meta.dirname, "../../local");
const thisMachine = "localhost,127.0.0.1,::1,[::1]";

/** Runs a module with a shell's variables; the code comes after what an entry point does first. */
async function run(code: string, environment: Record<string, string>): Promise<string> {
  const { PATH = "" } = process.env;
  const module = `
    import { useEnvironmentProxy } from ${JSON.stringify(`${local}/net/proxy.mjs`)};
    useEnvironmentProxy();
    ${code}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", module], {
    cwd: local,
    env: { PATH, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  return output.trim();
}

async function server(): Promise<number> {
  const listening = createServer((_, response) => response.end("direct"));
  await new Promise<void>((resolve) => listening.listen(0, "::", resolve));
  onTestFinished(() => void listening.close());
  return (listening.address() as AddressInfo).port;
}

/** Prints what fetch and http.get answer, or that they fail. */
const asking = (urls: string[]) => `
  import http from "node:http";
  import { text } from "node:stream/consumers";
  const get = (url) => new Promise((resolve, reject) => http.get(url, (answer) => resolve(text(answer))).on("error", reject));
  for (const url of ${JSON.stringify(urls)}) {
    console.log(await fetch(url).then((answer) => answer.text()).catch(() => "failed"));
    if (url.startsWith("http:")) console.log(await get(url));
  }`;

describe("with a proxy in every variable and NODE_USE_ENV_PROXY", () => {
  it.each([
    ["no exemptions", {}],
    ["exemptions of another's", { NO_PROXY: "example.com, .example.org" }],
    ["all exempt in a list", { no_proxy: "*,example.com" }],
    ["gRPC's own exemptions", { no_grpc_proxy: "example.com" }],
    ["every host exempt", { NO_PROXY: "*" }],
  ])("no request to this machine goes to it: %s", async (_, exemptions) => {
    const [proxy, port] = [await recordingProxy(), await server()];
    const hosts = ["localhost", "127.0.0.1", "[::1]"];
    const code = asking(hosts.map((host) => `http://${host}:${port}/`));
    const output = await run(code, { ...proxyEverywhere(proxy.url), ...exemptions });
    expect(output.split("\n")).toEqual(Array(6).fill("direct"));
    expect(proxy.asked).toEqual([]);
  });

  it.each([
    ["no exemptions", {}],
    ["every host exempt", { NO_PROXY: "*" }],
    ["gRPC's own exemptions", { no_grpc_proxy: "example.com" }],
  ])("no gRPC call to the engine or a provider goes to it: %s", async (_, exemptions) => {
    const proxy = await recordingProxy();
    const engine = new grpc.Server();
    const port = await new Promise<number>((resolve, reject) =>
      engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    );
    onTestFinished(() => engine.forceShutdown());
    const code = `
      import grpc from "@grpc/grpc-js";
      const client = new grpc.Client("127.0.0.1:${port}", grpc.credentials.createInsecure());
      client.waitForReady(Date.now() + 5000, (error) => { console.log(error?.message ?? "ready"); client.close(); });`;
    expect(await run(code, { ...proxyEverywhere(proxy.url), ...exemptions })).toBe("ready");
    expect(proxy.asked).toEqual([]);
  });
});

describe("what is elsewhere goes to the proxy", () => {
  it.each([
    ["HTTPS_PROXY", "https://example.invalid/", "CONNECT example.invalid:443"],
    ["https_proxy", "https://example.invalid/", "CONNECT example.invalid:443"],
    ["HTTP_PROXY", "http://example.invalid/", expect.stringContaining("example.invalid")],
    ["ALL_PROXY", "https://example.invalid/", "CONNECT example.invalid:443"],
  ])("of fetch, though NODE_USE_ENV_PROXY is not set: %s", async (name, url, request) => {
    const proxy = await recordingProxy();
    await run(`await fetch("${url}").catch(() => undefined);`, { [name]: proxy.url });
    expect(proxy.asked).toEqual([request]);
  });

  it("of a child, in the case that it reads", () => {
    const url = "http://proxy:3128";
    expect(proxyVariables({ http_proxy: url })).toEqual({ http_proxy: url, HTTP_PROXY: url });
    expect(proxyVariables({ all_proxy: url })).toMatchObject({ HTTPS_PROXY: url, http_proxy: url });
    expect(proxyVariables({ HTTP_PROXY: "" })).toEqual({});
  });

  it.each(["socks5://proxy:1080", "no url at all"])(
    "%s, which Node cannot use, is no fault",
    async (proxy) => {
      expect(await run('console.log("goes on");', { ALL_PROXY: proxy })).toBe("goes on");
    },
  );
});

describe("what is exempt", () => {
  it("stays exempt beside this machine, and is named once", () => {
    const { NO_PROXY, no_proxy } = directVariables({ NO_PROXY: "a, localhost,,b", no_proxy: "c" });
    expect(NO_PROXY).toBe("c,a,localhost,b,127.0.0.1,::1,[::1]");
    expect(no_proxy).toBe(NO_PROXY);
  });

  it("stays every host, which a list beside it would change", () => {
    expect(directVariables({ no_proxy: "*", NO_PROXY: "example.com" }).NO_PROXY).toBe("*");
  });

  it("is the same where it has been written down already, as in a shell with `env` evaluated", () => {
    const once = directVariables({ NO_PROXY: "example.com" });
    expect(directVariables(once)).toEqual(once);
  });
});

describe("the build arguments", () => {
  it("name the proxy in both cases, and what is exempt", () => {
    expect(buildProxies({ HTTPS_PROXY: "http://user:secret@proxy:3128" })).toEqual({
      HTTPS_PROXY: "http://user:secret@proxy:3128",
      https_proxy: "http://user:secret@proxy:3128",
      NO_PROXY: thisMachine,
      no_proxy: thisMachine,
    });
  });

  it.each([
    {},
    { NO_PROXY: "example.com" },
    { http_proxy: "http://127.0.0.1:3128" },
    { ALL_PROXY: "localhost:3128" },
  ])("are none for %j: a container's loopback is its own", (environment) => {
    expect(buildProxies(environment)).toEqual({});
  });
});

it("whom the person does not trust gets a proxy without its user and password", () => {
  const given = {
    https_proxy: "http://me:p%40ss@proxy:3128",
    http_proxy: "me:pass@proxy:3128",
    no_proxy: thisMachine,
    npm_config_registry: "https://npm.example/@team/",
    ALL_PROXY: undefined,
  };
  expect(withoutCredentials(given)).toEqual({
    https_proxy: "http://proxy:3128",
    http_proxy: "proxy:3128",
    no_proxy: thisMachine,
    npm_config_registry: "https://npm.example/@team/",
  });
});
