import { randomBytes } from "node:crypto";
import { groupId } from "../core/checks.ts";
import type { ProviderContext } from "../core/provider.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import type { ArmRequest } from "../core/types.ts";
import { notFound } from "./errors.ts";
import { type Plan, planType, type Site, siteType } from "./model.ts";
import type { AppServiceRuntime } from "./runtime/types.ts";
import { kindOf } from "./sites/properties.ts";
import { siteSpec } from "./spec.ts";

/** The stored plans and sites, and the one way by which a changed site reaches the runtime. */
export class WebState {
  readonly context: ProviderContext;
  readonly runtime: AppServiceRuntime;

  constructor(context: ProviderContext, runtime: AppServiceRuntime) {
    this.context = context;
    this.runtime = runtime;
  }

  /** The id that the request's plan or site has or would have. */
  idOf({ parameters }: ArmRequest, type: string): string {
    const group = groupId(this.context.subscriptionId, parameters.resourceGroupName!);
    return `${group}/providers/${type}/${parameters.name}`;
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

  /** @param scope - a subscription's or a group's id; all where none is given. */
  plans(scope?: string): Plan[] {
    return this.context.store.list(planType, scope) as Plan[];
  }

  /** @param scope - a subscription's or a group's id; all where none is given. */
  sites(scope?: string): Site[] {
    return this.context.store.list(siteType, scope) as Site[];
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
    site.properties.port = await this.context.ports.get(portName("site", site));
    site.properties.scmPort = await this.context.ports.get(portName("scm", site));
  }

  /** Stores the site first, so that a start of the process finds what was asked for, then tells the runtime. */
  async save(site: Site): Promise<Site> {
    // The list of all resources shows the kind that is stored.
    const kind = kindOf(site);
    const saved = { ...site, kind, properties: { ...site.properties, modified: new Date().toISOString() } };
    await this.context.store.put(saved);
    await this.apply(saved);
    return saved;
  }

  async apply(site: Site): Promise<void> {
    await this.runtime.apply(siteSpec(site, this.planOf(site), this.context.subscriptionId));
  }

  async removeSite(site: Site): Promise<void> {
    await this.runtime.remove(site.name);
    await this.context.ports.release(portName("site", site));
    await this.context.ports.release(portName("scm", site));
    await this.context.store.delete(site.id);
  }
}

function portName(kind: "site" | "scm", site: Site): string {
  return `${kind}/${site.name.toLowerCase()}`;
}
