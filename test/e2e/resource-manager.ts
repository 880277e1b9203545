import { readFile } from "node:fs/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type ArmCall, type ArmClient, connect } from "../../local/arm-client/arm-client.ts";
import type { Clone } from "./clone.ts";

type Method = ArmCall["method"];

interface Resource {
  name: string;
  sku?: { name: string; capacity?: number };
}

/** A client of a clone's local Azure Resource Manager, with a token of its managed identity. */
export class ResourceManager {
  readonly #arm: ArmClient;
  readonly #subscription: string;

  private constructor(arm: ArmClient, subscription: string) {
    this.#arm = arm;
    this.#subscription = subscription;
  }

  static async of(clone: Clone): Promise<ResourceManager> {
    const environment = await clone.environment();
    const bundle = await readFile(environment.SSL_CERT_FILE ?? "", "utf8");
    const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    setDefaultCACertificates([...getCACertificates("default"), ...certificates]);
    const { arm } = connect({
      resourceManager: environment.ARM_ENDPOINT ?? "",
      identityEndpoint: environment.IDENTITY_ENDPOINT ?? "",
      identityHeader: environment.IDENTITY_HEADER ?? "",
      ca: bundle,
      userAgent: "test",
    });
    return new ResourceManager(arm, `/subscriptions/${environment.ARM_SUBSCRIPTION_ID}`);
  }

  /** Sends a request for a path below the resource group's providers, e.g. `Microsoft.Web/sites/x`. */
  send(
    method: Method,
    group: string,
    path: string,
    body?: object,
    query?: Record<string, string>,
  ): Promise<Response> {
    return this.#send(method, `/resourceGroups/${group}/providers/${path}`, body, query);
  }

  /** Names of the subscription's resource groups. */
  async groups(): Promise<string[]> {
    const { value } = (await (await this.#send("GET", "/resourceGroups")).json()) as { value: Resource[] };
    return value.map(({ name }) => name);
  }

  /** Ids of the subscription's resources, its groups among them, in order. */
  async ids(): Promise<string[]> {
    const lists = ["/resourceGroups", "/resources"].map(async (path) => {
      const { value } = (await (await this.#send("GET", path)).json()) as { value: { id: string }[] };
      return value.map(({ id }) => id);
    });
    return (await Promise.all(lists)).flat().sort();
  }

  /** A resource group's resources of a type. */
  async list(group: string, type: string): Promise<Resource[]> {
    return ((await (await this.send("GET", group, type)).json()) as { value: Resource[] }).value;
  }

  /** The only registry of a resource group, as a path that `send` takes. */
  async registry(group: string): Promise<string> {
    const type = "Microsoft.ContainerRegistry/registries";
    const registries = await this.list(group, type);
    if (registries.length !== 1) throw new Error(`${group} has ${registries.length} registries.`);
    return `${type}/${registries[0]?.name}`;
  }

  /** Both passwords of a resource group's registry. */
  async registryPasswords(group: string): Promise<string[]> {
    const response = await this.send("POST", group, `${await this.registry(group)}/listCredentials`);
    const { passwords } = (await response.json()) as { passwords: { value: string }[] };
    return passwords.map(({ value }) => value);
  }

  async #send(
    method: Method,
    path: string,
    body?: object,
    query?: Record<string, string>,
  ): Promise<Response> {
    const answer = await this.#arm.send({
      method,
      path: `${this.#subscription}${path}`,
      apiVersion: "2025-05-01",
      body,
      query,
    });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    return new Response(answer.body || null, { status: answer.status });
  }
}
