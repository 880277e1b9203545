import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { recordingProxy } from "../net/recording-proxy.ts";
import { script } from "../setup/sandbox.ts";
import { copiedClone, emptyDaemon } from "./copied-clone.ts";

/** Whole processes, which a machine at work may be slow to start. */
vi.setConfig({ testTimeout: 60_000 });

test("status and stop need no settings file; another command says which to write", async () => {
  const { folder, run } = copiedClone();
  rmSync(join(folder, "Pulumi.dev.yaml"));
  const DOCKER_HOST = await emptyDaemon(folder);
  expect(await run("cli.ts", ["status"], { DOCKER_HOST })).toMatchObject({
    status: 0,
    stdout:
      "Local Azure does not run: `npm run local -- start` starts it.\nPlugins: the stand-ins of this repository.\nNo stack is deployed.\n",
  });
  expect(await run("cli.ts", ["stop"], { DOCKER_HOST })).toMatchObject({
    status: 0,
    stderr: "Local Azure was not running.\n",
  });
  expect(await run("cli.ts", ["help"])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("Usage"),
  });
  expect(await run("cli.ts", ["stop", "--replace", "x"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("'stop' has no option --replace."),
  });
  expect(await run("cli.ts", ["refresh", "--model", "x"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("'refresh' has no option --model."),
  });
  expect(await run("cli.ts", ["up", "--entry-script", "main.py"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--entry-script goes with --model."),
  });
});

test("the commands download by the environment's proxy", async () => {
  const [proxy, { folder, run }] = [await recordingProxy(), copiedClone()];
  const DOCKER_HOST = await emptyDaemon(folder);
  const { stderr } = await run("cli.ts", ["start"], { DOCKER_HOST, HTTPS_PROXY: proxy.url });
  expect(proxy.asked).toContain("CONNECT get.pulumi.com:443");
  expect(stderr).toContain("get.pulumi.com cannot be reached");
});

test("without an engine behind it, plain pulumi says in one sentence what to do", async () => {
  const { run } = copiedClone();
  expect(await run("cli/pulumi-wrapper.ts", ["version"])).toEqual({
    status: 255,
    stdout: "",
    stderr:
      "error: no Pulumi engine follows local/cli/bin on PATH: evaluate `npm run -s local -- env` again.\n",
  });
});

test("plain pulumi is started with this machine exempt, whatever the shell has made of that", async () => {
  const { folder, run } = copiedClone();
  script(join(folder, "bin", "pulumi"), 'echo "$no_proxy $NO_PROXY $no_grpc_proxy"');
  const environment = {
    PATH: `${folder}/bin:/bin:/usr/bin`,
    http_proxy: "http://127.0.0.1:9",
    NO_PROXY: "x",
  };
  const exempt = "x,localhost,127.0.0.1,::1,[::1]";
  const { stdout } = await run("cli/pulumi-wrapper.ts", ["version"], environment);
  expect(stdout).toBe(`${exempt} ${exempt} ${exempt}\n`);
});

test("plain pulumi encrypts nothing in the repository's stack files, and says where it can; a plain value passes", async () => {
  const { folder, run } = copiedClone();
  script(join(folder, "bin", "pulumi"), 'echo "$@"');
  const environment = { PATH: `${folder}/bin:/bin:/usr/bin` };
  const set = (...argv: string[]) => run("cli/pulumi-wrapper.ts", ["config", ...argv], environment);
  for (const argv of [
    ["set", "--secret", "--path", "secretAppSettings.KEY", "s3cret"],
    ["set-all", "--secret=true", "x=s3cret"],
  ]) {
    const { status, stdout, stderr } = await set(...argv);
    expect({ status, stdout }).toEqual({ status: 255, stdout: "" });
    expect(stderr).toMatch(
      /^error: a value encrypted with this clone's key cannot be read anywhere: [^\n]+\n$/,
    );
    expect(stderr).not.toContain("s3cret");
  }
  expect(await set("set", "planSku", "B2")).toMatchObject({ status: 0, stdout: "config set planSku B2\n" });
});

test("a command of Pulumi's that there is not is told as such, whatever its options", async () => {
  const { run } = copiedClone();
  expect(await run("cli.ts", ["config", "set", "--secret", "x", "y"])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^There is no command 'config'\.\n/),
  });
});
