import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages from "@pulumi/pulumi/proto/language_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { repository } from "../../../local/system/clone.ts";
import { script, temporaryFolder } from "../sandbox.ts";

const executable = join(
  import.meta.dirname,
  "../../../local/setup/language-host/bin/azure-ml-scoring-language-host",
);

afterEach(() => void vi.unstubAllEnvs());

interface Host {
  client: InstanceType<typeof services.LanguageRuntimeClient>;
  process: ChildProcess;
  /** Lines that it prints after its port. */
  lines: AsyncIterator<string>;
}

/** Starts the executable as the engine does. */
async function start(): Promise<Host> {
  const child = spawn(executable, ["127.0.0.1:1"], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const port = (await lines.next()).value as string;
  expect(port).toMatch(/^\d+$/);
  const client = new services.LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => {
    client.close();
    child.kill("SIGKILL");
  });
  return { client, process: child, lines };
}

/** A project whose SDK is this script, in place of @pulumi/pulumi/cmd/run. */
function project(run: string): string {
  const folder = temporaryFolder();
  const sdk = join(folder, "node_modules", "@pulumi", "pulumi", "cmd", "run");
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(folder, "package.json"), "{}");
  writeFileSync(join(sdk, "index.js"), run);
  return folder;
}

function request(folder: string, options: Record<string, string | boolean> = {}) {
  const info = new messages.ProgramInfo()
    .setRootDirectory(folder)
    .setProgramDirectory(folder)
    .setEntryPoint(".")
    .setOptions(struct.Struct.fromJavaScript(options));
  const request = new messages.RunRequest()
    .setInfo(info)
    .setMonitorAddress("127.0.0.1:2")
    .setOrganization("organization")
    .setProject("scoring")
    .setStack("dev")
    .setParallel(8)
    .setDryrun(true)
    .setConfigsecretkeysList(["scoring:secret"]);
  request.getConfigMap().set("scoring:sku", "B1");
  return request;
}

function run(
  { client }: Host,
  ...parameters: Parameters<typeof request>
): Promise<InstanceType<typeof messages.RunResponse>> {
  return new Promise((resolve, reject) =>
    client.run(request(...parameters), (error, response) => (error ? reject(error) : resolve(response))),
  );
}

/** Asks it to install a folder's packages: what npm printed, or the error. */
function install({ client }: Host, folder: string): Promise<{ output: string; error?: string }> {
  const info = new messages.ProgramInfo().setProgramDirectory(folder);
  const call = client.installDependencies(new messages.InstallDependenciesRequest().setInfo(info));
  let output = "";
  call.on("data", (answer: InstanceType<typeof messages.InstallDependenciesResponse>) => {
    output += Buffer.from([...answer.getStdout_asU8(), ...answer.getStderr_asU8()]);
  });
  return new Promise((resolve) => {
    call.on("error", ({ details }: ServiceError) => resolve({ output, error: details }));
    call.on("end", () => resolve({ output }));
  });
}

describe("installing a program's packages", () => {
  it("runs npm ci where there is a lock file, else npm install, and passes on what it prints", async () => {
    const folder = temporaryFolder();
    script(join(folder, "npm"), 'pwd; echo "npm $*"; echo warning >&2;');
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    const host = await start();
    const { output, error } = await install(host, folder);
    expect(error).toBeUndefined();
    expect(output).toContain(`${folder}\nnpm install\n`);
    expect(output).toContain("warning\n");
    writeFileSync(join(folder, "package-lock.json"), "{}");
    expect((await install(host, folder)).output).toContain("npm ci\n");
  });

  it("says where npm fails, and where no program is named", async () => {
    const folder = temporaryFolder();
    script(join(folder, "npm"), "echo why >&2; exit 3");
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    const failed = `\`npm install\` failed in ${folder}: exit code 3`;
    const host = await start();
    expect(await install(host, folder)).toEqual({ output: "why\n", error: failed });
    expect(await install(host, "")).toMatchObject({
      output: "",
      error: "The engine did not say where the program is",
    });
  });
});

describe("running a program", () => {
  it("gives it what Pulumi's own language host gives", async () => {
    const host = await start();
    const folder = project(`require("node:fs").writeFileSync("seen.json", JSON.stringify({
      argv: process.argv.slice(2), execArgv: process.execArgv, cwd: process.cwd(), version: process.versions.node,
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => /^PULUMI_(CONFIG|NODEJS)/.test(name))) }));`);
    const response = await run(host, folder, {
      nodeargs: "--max-old-space-size=300",
      tsconfig: "other.json",
    });
    expect(response.toObject()).toEqual({ error: "", bail: false });
    expect(JSON.parse(readFileSync(join(folder, "seen.json"), "utf8"))).toEqual({
      argv: [
        ...["--monitor", "127.0.0.1:2", "--engine", "127.0.0.1:1"],
        ...["--organization", "organization", "--project", "scoring", "--root-directory", folder],
        ...["--stack", "dev", "--pwd", folder, "--parallel", "8", "--dry-run", "."],
      ],
      execArgv: ["--max-old-space-size=300"],
      cwd: folder,
      version: process.versions.node,
      env: {
        PULUMI_CONFIG: '{"scoring:sku":"B1"}',
        PULUMI_CONFIG_SECRET_KEYS: '["scoring:secret"]',
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_NODEJS_TSCONFIG_PATH: "other.json",
      },
    });
  });

  it("passes what it prints to the engine", async () => {
    const host = await start();
    await run(host, project(`console.log("from the program")`));
    expect((await host.lines.next()).value).toBe("from the program");
  });

  it("reports failure, and keeps silent when the program has shown its error", async () => {
    const host = await start();
    expect((await run(host, project("process.exit(7)"))).getError()).toBe(
      "Program exited with non-zero exit code: 7",
    );
    expect((await run(host, project("process.exit(32)"))).toObject()).toEqual({ error: "", bail: true });
  });

  it("says what to do where the SDK is not installed", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "package.json"), "{}");
    expect((await run(await start(), folder)).getError()).toBe(
      `@pulumi/pulumi is not installed in ${folder}: run \`npm ci\` there.`,
    );
  });

  it("lets it end by itself when the engine cancels", async () => {
    const host = await start();
    const folder = project(
      `process.on("SIGINT", () => { console.log("ended in order"); process.exit(3); }); setInterval(() => {}, 1000); console.log("running");`,
    );
    const running = run(host, folder);
    expect((await host.lines.next()).value).toBe("running");
    host.client.cancel(new empty.Empty(), () => undefined);
    expect((await running).getError()).toBe("Program exited with non-zero exit code: 3");
    expect((await host.lines.next()).value).toBe("ended in order");
  });

  it("ends it, and itself, when the engine is gone", async () => {
    const host = await start();
    const folder = project(`setInterval(() => {}, 1000); console.log(process.pid);`);
    run(host, folder).catch(() => undefined);
    const pid = Number((await host.lines.next()).value);
    const ended = once(host.process, "exit");
    host.process.stdin!.end();
    await ended;
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

describe("plugins that the engine is asked for", () => {
  async function required(folder: string) {
    const { client } = await start();
    const info = new messages.ProgramInfo().setProgramDirectory(folder);
    const response = await new Promise<InstanceType<typeof messages.GetRequiredPackagesResponse>>(
      (resolve, reject) =>
        client.getRequiredPackages(
          new messages.GetRequiredPackagesRequest().setInfo(info),
          (error, answer) => (error ? reject(error) : resolve(answer)),
        ),
    );
    return response.toObject().packagesList.map(({ name, version, kind, server }) => {
      return { name, version, kind, server };
    });
  }

  it("none, where they are attached", async () => {
    vi.stubEnv("PULUMI_DEBUG_PROVIDERS", "random:1");
    expect(await required(repository)).toEqual([]);
  });

  it("else those that the program's packages name, in their folders' folders too", async () => {
    vi.stubEnv("PULUMI_DEBUG_PROVIDERS", "");
    const folder = temporaryFolder();
    const packages = {
      "@pulumi/random": { version: "4.21.2", pulumi: { resource: true } },
      "@pulumi/pulumi": { version: "3.270.0" },
      other: { version: "1.0.0" },
      "other/node_modules/theirs": {
        version: "0.1.0",
        pulumi: { resource: true, name: "mine", version: "v2.0.0", server: "https://plugins.example" },
      },
    };
    for (const [name, content] of Object.entries(packages)) {
      mkdirSync(join(folder, "node_modules", name), { recursive: true });
      const file = join(folder, "node_modules", name, "package.json");
      writeFileSync(file, JSON.stringify({ name: name.split("node_modules/").at(-1), ...content }));
    }
    symlinkSync(folder, join(folder, "node_modules", "back"));
    expect(await required(folder)).toEqual([
      { name: "random", version: "v4.21.2", kind: "resource", server: "" },
      { name: "mine", version: "v2.0.0", kind: "resource", server: "https://plugins.example" },
    ]);
  });

  it("this program's are those of its package.json", async () => {
    vi.stubEnv("PULUMI_DEBUG_PROVIDERS", "");
    const { dependencies } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
    const names = ["azure-native", "docker", "random"];
    expect(await required(repository)).toEqual(
      names.map((name) => ({
        ...{ name, version: `v${dependencies[`@pulumi/${name}`]}`, kind: "resource", server: "" },
      })),
    );
  });
});

it("names the method that it does not have", async () => {
  const { client } = await start();
  const error = await new Promise<ServiceError | null>((resolve) =>
    client.pack(new messages.PackRequest(), (failure) => resolve(failure)),
  );
  expect(error?.details).toContain("/pulumirpc.LanguageRuntime/Pack is not implemented");
  const streamed = client.runPlugin(new messages.RunPluginRequest());
  const [failure] = (await once(streamed.resume(), "error").catch((reason) => [reason])) as [ServiceError];
  expect(failure.details).toContain("/pulumirpc.LanguageRuntime/RunPlugin is not implemented");
});
