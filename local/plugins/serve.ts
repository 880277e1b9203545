import { createRequire } from "node:module";
import type Dockerode from "dockerode";
import { cleanedUp } from "../system/clean-up.mjs";
import { type AzureNativeOptions, AzureNativeProvider } from "./azure-native/azure-native-provider.ts";
import { createDockerProvider } from "./docker/docker-provider.ts";
import type { EngineLog, Provider } from "./provider.ts";
import { serveProvider } from "./provider-server.ts";
import { createRandomProvider } from "./random/random-provider.ts";

export type ProviderName = "azure-native" | "docker" | "random";

export interface ProvidersOptions {
  azure: AzureNativeOptions;
  docker: Dockerode;
  /** Folder of Pulumi.yaml: what a program's relative paths are relative to. */
  projectDirectory: string;
  /** Build arguments for what a Dockerfile runs, by which it reaches the network. */
  buildProxies?: Record<string, string>;
  /** Ports on 127.0.0.1; a free one where none is given. */
  ports?: Partial<Record<ProviderName, number>>;
  log: (line: string) => void;
}

export interface Providers {
  ports: Record<ProviderName, number>;
  /** Value of PULUMI_DEBUG_PROVIDERS, by which any pulumi command attaches to these. */
  debugProviders: string;
  close(): Promise<void>;
}

/** Serves the stand-ins for the Pulumi providers in use; the SDKs' own versions say what they stand in for. */
export async function serveProviders(options: ProvidersOptions): Promise<Providers> {
  const { azure, docker, projectDirectory, buildProxies = {}, log } = options;
  const create: Record<ProviderName, (engine: EngineLog) => Provider> = {
    "azure-native": (engine) => new AzureNativeProvider(azure, engine),
    docker: (engine) => createDockerProvider({ docker, projectDirectory, buildProxies }, engine),
    random: () => createRandomProvider(),
  };
  const names = Object.keys(create) as ProviderName[];
  const served: Awaited<ReturnType<typeof serveProvider>>[] = [];
  const close = async () => {
    await Promise.all(served.map((provider) => provider.close()));
  };
  try {
    for (const name of names) {
      const provider = await serveProvider({
        name,
        version: sdkVersion(name),
        port: options.ports?.[name] ?? 0,
        create: create[name],
        log: (line) => log(`${name}: ${line}`),
      });
      served.push(provider);
    }
  } catch (error) {
    throw await cleanedUp(error, close);
  }
  const ports = Object.fromEntries(names.map((name, index) => [name, served[index]!.port]));
  return {
    ports: ports as Record<ProviderName, number>,
    debugProviders: Object.entries(ports)
      .map(([name, port]) => `${name}:${port}`)
      .join(","),
    close,
  };
}

function sdkVersion(name: ProviderName): string {
  return createRequire(import.meta.url)(`@pulumi/${name}/package.json`).version;
}
