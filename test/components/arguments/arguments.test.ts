import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { revisionOf } from "../../../components/release/revision.ts";
import { ScoringService, type ScoringServiceArgs } from "../../../components/service.ts";
import { failureOf, isSecretInput, programEnd, settled, startMocks } from "../mocks.ts";
import {
  CALLS,
  exportsOf,
  KEY,
  OWN_SETTINGS,
  outputs,
  REFERENCE,
  serveApp,
  serveAzure,
  settings,
} from "../service-fixtures.ts";

vi.spyOn(pulumi.log, "info").mockResolvedValue();

afterEach(async () => {
  await programEnd();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const update = () => startMocks({ outputs, calls: CALLS });

const hosting = (own: Partial<ScoringServiceArgs["hosting"]>) => ({
  hosting: { ...settings().hosting, ...own },
});

/** Each argument that is checked, a value that it must not have, and what the error says of it. */
const FAULTS: [argument: string, args: (value: <T>(plain: T) => pulumi.Input<T>) => object, text: string][] =
  [
    [
      "placement.resourceGroupName",
      (v) => ({ placement: { resourceGroupName: v("group.") } }),
      ' is "group.": use 1 to 90',
    ],
    [
      "placement.tags",
      (v) => ({ placement: { tags: v({ "a/b": "x" }) } }),
      ' is {"a/b":"x"}: "a/b": use 1 to 512',
    ],
    ["image.registryName", (v) => ({ image: { registryName: v("a-b") } }), ' is "a-b": use 5 to 50'],
    ["image.baseImage", (v) => ({ image: { baseImage: v("node 24") } }), ' is "node 24": use an image'],
    ["hosting.planName", (v) => hosting({ planName: v("a b") }), ' is "a b": use 1 to 60'],
    ["hosting.webAppName", (v) => hosting({ webAppName: v("-x") }), ' is "-x": use 2 to 60'],
    ["hosting.planSku", (v) => hosting({ planSku: v("X9") }), ' is "X9": not a SKU for Linux containers'],
    [
      "hosting.instanceCount",
      (v) => hosting({ instanceCount: v(1.5) }),
      " is 1.5: use a whole number from 1",
    ],
    ["hosting.instanceCount", (v) => hosting({ instanceCount: v(4) }), " is 4: B1 (Basic) runs 1 to 3"],
    [
      "hosting.appSettings",
      (v) => hosting({ appSettings: v({ PORT: "s3cret" }) }),
      ': "PORT": is set by this',
    ],
    [
      "release.readyTimeout",
      (v) => ({ release: { readyTimeout: v(9) } }),
      " is 9: use a whole number from 10",
    ],
  ];

/** Resources that take the argument: none of them may be declared. */
const USERS: Record<string, string> = {
  "placement.resourceGroupName": "azure-native:resources:ResourceGroup",
  "placement.tags": "azure-native:resources:ResourceGroup",
  "image.registryName": "azure-native:containerregistry:Registry",
  "image.baseImage": "docker:index/image:Image",
  "hosting.planName": "azure-native:web:AppServicePlan",
  "hosting.planSku": "azure-native:web:AppServicePlan",
  "hosting.instanceCount": "azure-native:web:AppServicePlan",
  "hosting.webAppName": "azure-native:web:WebApp",
  "hosting.appSettings": "azure-native:web:WebApp",
};

describe("an argument that is a plain value", () => {
  it.each(FAULTS)("%s: is refused before anything is declared", async (argument, args, text) => {
    const { resources } = await update();
    const declare = () => new ScoringService("scoring", settings(args((plain) => plain)));
    expect(declare).toThrow(`ScoringService "scoring" cannot be declared`);
    expect(declare).toThrow(`\n  ${argument}${text}`);
    expect(declare).not.toThrow("s3cret");
    await programEnd();
    expect(resources).toEqual([]);
  });

  it("is refused together with all the others", async () => {
    await update();
    const args = settings({
      placement: { tags: { "": "x" } },
      image: { registryName: "-" },
      hosting: { planSku: "X9", instanceCount: 4, webAppName: "-" },
      release: { readyTimeout: 0 },
    });
    let message = "";
    try {
      new ScoringService("scoring", args);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message.split("\n").slice(1)).toEqual([
      expect.stringContaining("  placement.tags is"),
      expect.stringContaining("  image.registryName is"),
      expect.stringContaining("  hosting.planSku is"),
      expect.stringContaining("  hosting.webAppName is"),
      expect.stringContaining("  release.readyTimeout is"),
    ]);
  });
});

describe("an argument that is an output", () => {
  it.each(FAULTS)(
    "%s: is refused once it is known, before what takes it is declared",
    async (argument, args, text) => {
      const { resources } = await update();
      serveApp();
      const program = () =>
        new ScoringService("scoring", settings(args((plain) => pulumi.output(plain) as never)));
      const messages = await failureOf(program);
      expect(messages).toEqual([expect.stringContaining(`ScoringService "scoring": ${argument}${text}`)]);
      expect(messages[0]).not.toContain("s3cret");
      expect(resources.map(({ type }) => type)).not.toContain(USERS[argument] ?? "nothing");
    },
  );

  it("is not shown in the error when it is secret", async () => {
    await update();
    const planName = pulumi.secret("s3cret name");
    expect(await failureOf(() => new ScoringService("scoring", settings(hosting({ planName }))))).toEqual([
      'ScoringService "scoring": hosting.planName: use 1 to 60 letters, digits and hyphens',
    ]);
  });

  it("is checked together with a plain one: the SKU of the instances, and the instances of the SKU", async () => {
    for (const own of [
      { planSku: pulumi.output("B1"), instanceCount: 4 },
      { instanceCount: pulumi.output(4) },
    ]) {
      await update();
      expect(await failureOf(() => new ScoringService("scoring", settings(hosting(own))))).toEqual([
        expect.stringContaining("hosting.instanceCount is 4: B1 (Basic) runs 1 to 3"),
      ]);
    }
  });

  it("passes while a preview does not know it", async () => {
    const { resources } = await startMocks({ preview: true, outputs: () => ({}), calls: {} });
    const random = await import("@pulumi/random");
    const { hex } = new random.RandomId("unknown", { byteLength: 4 });
    expect((await settled(hex)).known).toBe(false);
    const args = settings({
      placement: { resourceGroupName: hex, tags: { team: hex } },
      image: { registryName: hex, baseImage: hex },
      hosting: {
        planName: hex,
        webAppName: hex,
        planSku: hex,
        instanceCount: hex.apply(Number),
        appSettings: { A: hex },
      },
      release: { readyTimeout: hex.apply(Number) },
    });
    await exportsOf(new ScoringService("scoring", args));
    expect(resources.filter(({ custom }) => custom)).toHaveLength(8);
  });

  it("is left alone when it is right, with its secrecy, and the arguments are not changed", async () => {
    serveApp(revisionOf(REFERENCE, { ...OWN_SETTINGS, A: "1" }, KEY));
    const { resources } = await startMocks({ outputs, calls: serveAzure().calls });
    const appSettings = { A: pulumi.secret("1") };
    const own = { appSettings, planName: pulumi.output("my-plan"), planSku: "p0V3" };
    const args = settings(hosting(own));
    await exportsOf(new ScoringService("scoring", args));
    const inputs = (type: string) => resources.find((resource) => resource.type.endsWith(type))?.inputs ?? {};
    expect(inputs(":AppServicePlan")).toMatchObject({ name: "my-plan", sku: { name: "P0v3" } });
    expect(isSecretInput(inputs(":WebApp").siteConfig)).toBe(true);
    expect(JSON.stringify(inputs(":WebApp").siteConfig)).toContain('{"name":"A","value":"1"}');
    expect(args.hosting).toEqual({ ...settings().hosting, ...own });
  });
});
