import { randomBytes } from "node:crypto";
import type { PortBook } from "../../net/ports.ts";
import { groupId } from "../core/checks.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import type { ArmRequest, ProviderContext, Resource } from "../core/types.ts";
import type { Json } from "./body.ts";
import { notFound } from "./errors.ts";
import type { AppServiceRuntime } from "./runtime/types.ts";
import type { Sku } from "./sku.ts";
import { siteSpec } from "./spec.ts";

export const siteType = "Microsoft.Web/sites";
export const planType = "Microsoft.Web/serverfarms";

export interface Plan extends Resource {
  location: string;
  sku: Sku & Json;
  properties: {
    /** Linux; decided at creation. */
    reserved: boolean;
    /** Azure's number for the plan. */
    serverFarmId: number;
    /** ISO 8601. */
    created: string;
  };
}

export interface ConnectionString {
  value: string;
  type: string;
}

export interface Site extends Resource {
  location: string;
  properties: {
    /** Id of the plan, as the plan has it. */
    serverFarmId: string;
    /** By the `stop` action; `enabled` is a property of its own. */
    stopped: boolean;
    /** Site properties that were written (site-properties.ts has the defaults). */
    written: Json;
    /** Members of siteConfig that were written (site-config.ts has the defaults). */
    siteConfig: Json;
    /** Secret-bearing, as are the next two: only POST actions return them. */
    appSettings: Record<string, string>;
    connectionStrings: Record<string, ConnectionString>;
    metadata: Record<string, string>;
    slotConfigNames: Json;
    logs: Json;
    basicAuth: { ftp: boolean; scm: boolean };
    publishingPassword: string;
    port: number;
    scmPort: number;
    /** ISO 8601. */
    modified: string;
  };
}

/** The stored plans and sites, and the one way by which a changed site reaches the runtime. */
export class WebState {
  readonly context: ProviderContext;
  readonly runtime: AppServiceRuntime;
  readonly #ports: PortBook;

  constructor(context: ProviderContext, runtime: AppServiceRuntime, ports: PortBook) {
    this.context = context;
    this.runtime = runtime;
    this.#ports = ports;
  }

  /** The id that the request's plan or site has or would have. */
  idOf({ parameters }: ArmRequest, type: string): string {
    return `${this.#group(parameters.resourceGroupName!)}/providers/${type}/${parameters.name}`;
  }

  findPlan(id: string): Plan | undefined {
    return this.context.store.get(id) as Plan | undefined;
  }

  findSite(id: string): Site | undefined {
    return this.context.store.get(id) as Site | undefined;
  }

  /** @throws ArmError 404 in the resource manager's words. */
  plan(request: ArmRequest): Plan {
    const plan = this.findPlan(this.idOf(request, planType));
    if (!plan) throw notFound(request, "serverfarms");
    return plan;
  }

  /** @throws ArmError 404 in the resource manager's words. */
  site(request: ArmRequest): Site {
    const site = this.findSite(this.idOf(request, siteType));
    if (!site) throw notFound(request, "sites");
    return site;
  }

  planOf(site: Site): Plan {
    const plan = this.findPlan(site.properties.serverFarmId);
    if (!plan)
      throw new Error(`The plan ${site.properties.serverFarmId} of site ${site.name} is not stored.`);
    return plan;
  }

  /** Of the group that the request names, else of the subscription. */
  plans({ parameters }: ArmRequest): Plan[] {
    return this.context.store.list(planType, this.#scope(parameters.resourceGroupName)) as Plan[];
  }

  /** Of the group that is named, else of the subscription. */
  sites(resourceGroup?: string): Site[] {
    return this.context.store.list(siteType, this.#scope(resourceGroup)) as Site[];
  }

  sitesOn(plan: Plan): Site[] {
    return this.sites().filter((site) => equalsIgnoringCase(site.properties.serverFarmId, plan.id));
  }

  /** A site as it is before anything is written into it; its ports are taken with {@link takePorts}. */
  newSite(request: ArmRequest, plan: Plan): Site {
    return {
      id: this.idOf(request, siteType),
      name: request.parameters.name!,
      type: siteType,
      location: plan.location,
      properties: {
        serverFarmId: plan.id,
        stopped: false,
        written: {},
        siteConfig: {},
        appSettings: {},
        connectionStrings: {},
        metadata: {},
        slotConfigNames: {},
        logs: {},
        basicAuth: { ftp: true, scm: true },
        publishingPassword: randomBytes(45).toString("base64url"),
        port: 0,
        scmPort: 0,
        modified: new Date().toISOString(),
      },
    };
  }

  async takePorts(site: Site): Promise<void> {
    site.properties.port = await this.#ports.get(portName("site", site));
    site.properties.scmPort = await this.#ports.get(portName("scm", site));
  }

  /** Stores the site first, so that a start of the process finds what was asked for, then tells the runtime. */
  async save(site: Site): Promise<Site> {
    const saved = { ...site, properties: { ...site.properties, modified: new Date().toISOString() } };
    await this.context.store.put(saved);
    await this.apply(saved);
    return saved;
  }

  async apply(site: Site): Promise<void> {
    await this.runtime.apply(siteSpec(site, this.planOf(site), this.context.subscriptionId));
  }

  async removeSite(site: Site): Promise<void> {
    await this.runtime.remove(site.name);
    await this.#ports.release(portName("site", site));
    await this.#ports.release(portName("scm", site));
    await this.context.store.delete(site.id);
  }

  #group(resourceGroup: string): string {
    return groupId(this.context.subscriptionId, resourceGroup);
  }

  #scope(resourceGroup: string | undefined): string | undefined {
    return resourceGroup === undefined ? undefined : this.#group(resourceGroup);
  }
}

/** The group's name in a resource's id. */
export function groupOf(resource: Resource): string {
  return resource.id.split("/")[4]!;
}

function portName(kind: "site" | "scm", site: Site): string {
  return `${kind}/${site.name.toLowerCase()}`;
}
