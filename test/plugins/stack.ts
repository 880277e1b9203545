import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as automation from "@pulumi/pulumi/automation/index.js";
import Dockerode from "dockerode";
import { withoutLocalPath } from "../../local/cli/environment.ts";
import { type Plugins, type PluginsOptions, servePlugins } from "../../local/plugins/serve.ts";
import { ensureEngine } from "../../local/setup/engine.ts";
import { cacheDirectory } from "../../local/system/clone.ts";

export interface TestStack {
  stack: automation.Stack;
  /** What the engine's commands run with. */
  environment: Record<string, string>;
  workDirectory: string;
  pulumi: string;
  providers: Plugins;
  /** The program of the next operation. */
  program: automation.PulumiFn;
  /** Logical name → id, inputs, outputs, as the state has them. */
  resource(name: string): Promise<{ id: string; inputs: Json; outputs: Json }>;
  /** Ends the providers and removes the state. */
  dispose(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a state's JSON.
export type Json = any;

/** A stack of the real engine on this machine's disk, whose providers are the ones under test. */
export async function createTestStack(
  options: Partial<PluginsOptions> & Pick<PluginsOptions, "azure">,
): Promise<TestStack> {
  const directory = await mkdtemp(join(tmpdir(), "providers-test-"));
  const path = withoutLocalPath(process.env).PATH ?? "";
  const pulumi = await ensureEngine({
    report: () => {},
    cacheDirectory,
    path,
    signal: new AbortController().signal,
  });
  const providers = await servePlugins({
    docker: new Dockerode(),
    projectDirectory: directory,
    log: () => {},
    ...options,
  });
  const environment = {
    PULUMI_BACKEND_URL: `file://${directory}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_DEBUG_PROVIDERS: providers.debugProviders,
    PULUMI_HOME: join(directory, "home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const test: Partial<TestStack> & { program: automation.PulumiFn } = { program: async () => {} };
  const stack = await automation.LocalWorkspace.createStack(
    { stackName: "test", projectName: "providers", program: async () => test.program() },
    {
      workDir: directory,
      envVars: environment,
      pulumiCommand: await automation.PulumiCommand.get({ root: dirname(dirname(pulumi)) }),
    },
  );
  return Object.assign(test, {
    stack,
    environment,
    workDirectory: directory,
    pulumi,
    providers,
    async resource(name: string) {
      const { deployment } = await stack.exportStack();
      const found = deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`));
      if (!found) throw new Error(`The state has no resource '${name}'.`);
      return found;
    },
    async dispose() {
      await providers.close();
      await rm(directory, { recursive: true, force: true });
    },
  }) as TestStack;
}
