import { readFile } from "node:fs/promises";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Clone } from "./clone.ts";

interface Resource {
  name: string;
  sku?: { name: string; capacity?: number };
}

/** A client of a clone's local Azure Resource Manager: plain HTTPS with a token of its managed identity. */
export class ResourceManager {
  readonly #environment: Record<string, string>;

  private constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  static async of(clone: Clone): Promise<ResourceManager> {
    const environment = await clone.environment();
    const bundle = await readFile(environment.SSL_CERT_FILE ?? "", "utf8");
    const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    setDefaultCACertificates([...getCACertificates("default"), ...certificates]);
    return new ResourceManager(environment);
  }

  /** Sends a request for a path below the resource group's providers, e.g. `Microsoft.Web/sites/x`. */
  send(method: string, group: string, path: string, body?: unknown, query = ""): Promise<Response> {
    return this.#send(method, `/resourceGroups/${group}/providers/${path}`, body, query);
  }

  /** Names of the subscription's resource groups. */
  async groups(): Promise<string[]> {
    const { value } = (await (await this.#send("GET", "/resourceGroups")).json()) as { value: Resource[] };
    return value.map(({ name }) => name);
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

  async #send(method: string, path: string, body?: unknown, query = ""): Promise<Response> {
    const { ARM_ENDPOINT, ARM_SUBSCRIPTION_ID, IDENTITY_ENDPOINT, IDENTITY_HEADER } = this.#environment;
    const identity = await fetch(`${IDENTITY_ENDPOINT}?resource=${ARM_ENDPOINT}/&api-version=2019-08-01`, {
      headers: { "x-identity-header": IDENTITY_HEADER ?? "" },
    });
    const { access_token } = (await identity.json()) as { access_token: string };
    const response = await fetch(
      `${ARM_ENDPOINT}/subscriptions/${ARM_SUBSCRIPTION_ID}${path}?api-version=2025-05-01${query}`,
      {
        method,
        headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      },
    );
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
