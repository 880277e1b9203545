import { createRequire } from "node:module";
import { cleanedUp } from "../system/clean-up.mjs";
import { type AzureNativeOptions, AzureNativePlugin } from "./azure-native/plugin.ts";
import { type DockerPluginOptions, dockerPlugin } from "./docker/plugin.ts";
import type { EngineLog, Plugin } from "./plugin.ts";
import { servePlugin } from "./plugin-server.ts";
import { randomPlugin } from "./random/plugin.ts";

export type PluginName = "azure-native" | "docker" | "random";

export interface PluginsOptions extends DockerPluginOptions {
  azure: AzureNativeOptions;
  /** Ports on 127.0.0.1; a free one where none is given. */
  ports?: Partial<Record<PluginName, number>>;
  log: (line: string) => void;
}

export interface Plugins {
  /** Value of PULUMI_DEBUG_PROVIDERS, by which any pulumi command attaches to these. */
  debugProviders: string;
  close(): Promise<void>;
}

/** Serves the stand-ins of the Pulumi plugins in use; the SDKs' own versions say what they stand in for. */
export async function servePlugins(options: PluginsOptions): Promise<Plugins> {
  const { azure, log } = options;
  const create: Record<PluginName, (engine: EngineLog) => Plugin> = {
    "azure-native": (engine) => new AzureNativePlugin(azure, engine),
    docker: (engine) => dockerPlugin(options, engine),
    random: () => randomPlugin(),
  };
  const attached: string[] = [];
  const served: Awaited<ReturnType<typeof servePlugin>>[] = [];
  const close = async () => {
    await Promise.all(served.map((provider) => provider.close()));
  };
  try {
    for (const name of Object.keys(create) as PluginName[]) {
      const provider = await servePlugin({
        name,
        version: sdkVersion(name),
        port: options.ports?.[name] ?? 0,
        create: create[name],
        log: (line) => log(`${name}: ${line}`),
      });
      served.push(provider);
      attached.push(`${name}:${provider.port}`);
    }
  } catch (error) {
    throw await cleanedUp(error, close);
  }
  return { debugProviders: attached.join(","), close };
}

function sdkVersion(name: PluginName): string {
  return createRequire(import.meta.url)(`@pulumi/${name}/package.json`).version;
}
