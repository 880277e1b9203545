import type { MockResourceArgs } from "@pulumi/pulumi/runtime/index.js";
import { describe, expect, it } from "vitest";
import { ScoringService } from "../../components/service.ts";
import { startMocks } from "./mocks.ts";
import {
  CALLS,
  exportsOf,
  HOST,
  outputs,
  progress,
  sentBy,
  serveApp,
  settings,
  UNKNOWN,
} from "./service-fixtures.ts";

describe("a preview", () => {
  it("of the first deployment asks neither Azure for credentials nor the app for an answer", async () => {
    const { resources, calls } = await startMocks({ preview: true, outputs: () => ({}), calls: {} });
    const asked = serveApp();
    const service = new ScoringService("scoring", settings());
    const found = await exportsOf(service);
    expect(Object.entries(found).filter(([, { known }]) => known)).toEqual([]);
    expect(resources.filter(({ custom }) => custom)).toHaveLength(7);
    expect(calls).toEqual([]);
    expect(asked).not.toHaveBeenCalled();
  });

  it("without changes knows every output and does not ask the app", async () => {
    await startMocks({ preview: true, outputs, calls: CALLS });
    const asked = serveApp();
    const found = await exportsOf(new ScoringService("scoring", settings()));
    expect(found.scoringUrl).toEqual({ known: true, value: `https://${HOST}/score`, secret: false });
    expect(Object.values(found).every(({ known }) => known)).toBe(true);
    expect(asked).not.toHaveBeenCalled();
    expect(progress).not.toHaveBeenCalled();
  });

  it("that changes the registry, whose login server it then does not know, does not list credentials", async () => {
    const updated = (args: MockResourceArgs) => {
      const { loginServer: _, ...known } = outputs(args);
      return known;
    };
    const { calls } = await startMocks({ preview: true, outputs: updated, calls: {} });
    const found = await exportsOf(new ScoringService("scoring", settings()));
    expect(found.resourceGroupName?.known).toBe(true);
    expect(found.webAppName?.known).toBe(true);
    expect(calls).toEqual([]);
  });

  it("of a rebuilt image shows all of the web app's configuration but the image and the revision", async () => {
    const rebuilt = (args: MockResourceArgs) =>
      args.type === "docker:index/image:Image" ? {} : outputs(args);
    await startMocks({ preview: true, outputs: rebuilt, calls: CALLS });
    const sent = await sentBy({ planSku: "B1", instanceCount: 1 });
    const { linuxFxVersion, appSettings, ...rest } = sent["azure-native:web:WebApp"].siteConfig;
    expect(linuxFxVersion).toBe(UNKNOWN);
    const unknown = appSettings.filter(({ value }: { value: unknown }) => value === UNKNOWN);
    expect(unknown.map(({ name }: { name: string }) => name)).toEqual(["SCORING_REVISION"]);
    expect(rest).toMatchObject({ minTlsVersion: "1.2", healthCheckPath: "/v2/health/ready" });
  });

  it("of a rebuilt image knows everything but what depends on its digest", async () => {
    const rebuilt = (args: MockResourceArgs) =>
      args.type === "docker:index/image:Image" ? {} : outputs(args);
    await startMocks({ preview: true, outputs: rebuilt, calls: CALLS });
    const found = await exportsOf(new ScoringService("scoring", settings()));
    const unknown = Object.entries(found).flatMap(([key, { known }]) => (known ? [] : [key]));
    expect(unknown).toEqual(["scoringUrl", "imageReference"]);
  });
});
