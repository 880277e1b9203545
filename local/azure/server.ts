import { mkdir } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { localCertificates } from "../net/certificates.ts";
import { listenOnLoopback } from "../net/loopback.ts";
import { cleanedUp, withCleanUp } from "../system/clean-up.mjs";
import { frontDoor } from "./core/front-door.ts";
import { identityEndpoint } from "./core/identity-endpoint.ts";
import { RunningOperations } from "./core/operations.ts";
import type { ProviderContext, ProviderFactory, ResourceProvider } from "./core/provider.ts";
import { ResourceStore } from "./core/store.ts";
import { localTokens } from "./core/tokens.ts";
import { openVault } from "./core/vault.ts";

export interface AzureOptions
  extends Pick<
    ProviderContext,
    "directory" | "ports" | "docker" | "registryBinary" | "subscriptionId" | "tenantId" | "clone" | "log"
  > {
  /** In the order of their start: see providers.ts. */
  providers: readonly ProviderFactory[];
}

/** What clients need to reach local Azure. */
export interface AzureAccess {
  /** The resource manager, `https://localhost:PORT`. */
  resourceManager: string;
  /** Value for IDENTITY_ENDPOINT. */
  identityEndpoint: string;
  /** Value for IDENTITY_HEADER; secret. */
  identityHeader: string;
  /** PEM file of the authority that signed the listeners' certificate. */
  caFile: string;
  subscriptionId: string;
  tenantId: string;
}

export interface Azure {
  access: AzureAccess;
  /** Ends listeners, registries and what the providers run; the state is kept. */
  close(): Promise<void>;
}

/** Starts local Azure: the resource manager, the managed identity endpoint, and what the stored resources run. */
export async function startAzure(options: AzureOptions): Promise<Azure> {
  const { directory, ports, subscriptionId, tenantId, log } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const certificates = await localCertificates(join(directory, "certificates"));
  const storeFile = join(directory, "store");
  const vault = await openVault(join(directory, "key"), storeFile);
  const store = await ResourceStore.open(storeFile, vault);
  const operations = new RunningOperations(log);
  const port = await ports.get("azure/resource-manager");
  const identityPort = await ports.get("azure/identity");
  const resourceManager = `https://localhost:${port}`;
  const identity = {
    tenantId,
    subscriptionId,
    objectId: vault.id("service principal"),
    clientId: vault.id("application"),
  };
  const tokens = localTokens(vault.derive("access tokens"), identity, resourceManager);
  const tls = { cert: certificates.cert, key: certificates.key };
  const context: ProviderContext = {
    ...options,
    store,
    operations,
    tokens,
    tls,
    deriveKey: (purpose) => vault.derive(purpose),
    providers: () => providers,
  };
  const providers: ResourceProvider[] = options.providers.map((make) => make(context));

  const started: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(started.map((part) => part.close()));
    await operations.settled();
    // One that cannot stop keeps no other from it.
    const inOrder = (before: Promise<void>, provider: ResourceProvider) =>
      withCleanUp(
        () => before,
        () => provider.stop(),
      );
    await providers.toReversed().reduce(inOrder, Promise.resolve());
  };
  try {
    for (const provider of providers) await provider.start();
    const listener = frontDoor(context);
    const server = () => createHttpsServer({ ...tls, minVersion: "TLSv1.2" }, listener);
    started.push(await listenOnLoopback(server, port, "azure/resource-manager"));
    const identityHeader = vault.derive("identity header").toString("hex");
    const identityListener = identityEndpoint(identityHeader, tokens);
    const identityServer = () => createHttpServer(identityListener);
    started.push(await listenOnLoopback(identityServer, identityPort, "azure/identity"));
    const access: AzureAccess = {
      resourceManager,
      identityEndpoint: `http://127.0.0.1:${identityPort}/msi/token`,
      identityHeader,
      caFile: certificates.caFile,
      subscriptionId,
      tenantId,
    };
    return { access, close };
  } catch (error) {
    throw await cleanedUp(error, close);
  }
}
