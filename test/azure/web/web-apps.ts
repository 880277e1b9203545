import { afterAll, beforeAll, beforeEach } from "vitest";
import { authorization } from "../../../local/azure/authorization/provider.ts";
import { web } from "../../../local/azure/web/provider.ts";
import type { AppServiceRuntime, SiteSpec } from "../../../local/azure/web/runtime/types.ts";
import { type Answer, type LocalAzure, startLocalAzure, subscription } from "../local-azure.ts";

/** Keeps what it is told, and runs nothing. */
export class RecordingRuntime implements AppServiceRuntime {
  readonly specs = new Map<string, SiteSpec>();
  readonly calls: string[] = [];
  readonly lines = new Map<string, string>();

  async apply(spec: SiteSpec): Promise<void> {
    this.calls.push(`apply ${spec.name}`);
    this.specs.set(spec.name, structuredClone(spec));
  }
  async restart(name: string): Promise<void> {
    this.calls.push(`restart ${name}`);
  }
  async remove(name: string): Promise<void> {
    this.calls.push(`remove ${name}`);
    this.specs.delete(name);
  }
  async removeForgotten(): Promise<void> {
    this.calls.push("removeForgotten");
  }
  async logs(name: string): Promise<string> {
    return this.lines.get(name) ?? "";
  }
  async stop(): Promise<void> {
    this.calls.push("stop");
  }
}

export const location = "West Europe";
export const image = "DOCKER|localhost:5000/scoring@sha256:0123";

/** Local Azure with Microsoft.Web, and shorthands for its paths. */
export class WebApps {
  readonly runtime = new RecordingRuntime();
  local!: LocalAzure;
  #groups = 0;
  /** The current group's id. */
  group = "";

  /** @param directory - the state of an earlier one, to start again from it. */
  async start(directory?: string): Promise<void> {
    this.local = await startLocalAzure({
      ...(directory && { directory }),
      providers: [web(() => this.runtime), authorization],
    });
  }

  /** Makes a group of its own for the next test. */
  async newGroup(): Promise<string> {
    this.group = `${subscription}/resourceGroups/rg${++this.#groups}`;
    await this.local.arm("PUT", this.group, { location });
    return this.group;
  }

  /** A site name that no other test has. */
  get siteName(): string {
    return `app-${this.#groups}`;
  }

  get planId(): string {
    return `${this.group}/providers/Microsoft.Web/serverfarms/plan`;
  }

  get siteId(): string {
    return `${this.group}/providers/Microsoft.Web/sites/${this.siteName}`;
  }

  get spec(): SiteSpec {
    return this.runtime.specs.get(this.siteName)!;
  }

  arm(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.local.arm(method, path, body);
  }

  /** @param path - below the site, e.g. `/config/web`. */
  onSite(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.arm(method, `${this.siteId}${path}`, body);
  }

  putPlan(sku: unknown = { name: "B1" }, properties: object = { reserved: true }): Promise<Answer> {
    return this.arm("PUT", this.planId, { location, sku, properties });
  }

  putSite(properties: object = {}, envelope: object = {}): Promise<Answer> {
    return this.arm("PUT", this.siteId, {
      location,
      ...envelope,
      properties: { serverFarmId: this.planId, ...properties },
    });
  }

  /** A plan and a site on it. */
  async putBoth(properties: object = { siteConfig: { linuxFxVersion: image } }): Promise<Answer> {
    await this.putPlan();
    return this.putSite(properties);
  }
}

/** Local Azure for the tests of a file, and for each of them what `each` makes: a group of its own unless told. */
export function webApps(each: (web: WebApps) => Promise<unknown> = (web) => web.newGroup()): WebApps {
  const web = new WebApps();
  beforeAll(() => web.start());
  beforeEach(() => each(web));
  afterAll(() => web.local.dispose());
  return web;
}

/** As {@link webApps}, with a plan and an app in each test's group. */
export function webAppsWithSite(properties?: object): WebApps {
  return webApps(async (web) => {
    await web.newGroup();
    await web.putBoth(properties);
  });
}

/** Status, code and message of an error, whose envelope must be Microsoft.Web's. */
export function webErrorOf({ status, json }: Answer): [number, string, string] {
  if (json.error || !("Innererror" in json))
    throw new Error(`Not in Microsoft.Web's envelope: ${JSON.stringify(json)}`);
  return [status, json.Code, json.Message];
}

/** Status, code and message of an error, whose envelope must be the resource manager's. */
export function armErrorOf({ status, json }: Answer): [number, string, string] {
  return [status, json.error.code, json.error.message];
}
