import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OWN_APP_SETTINGS } from "../../../components/hosting/app-settings.ts";
import { configuration, described, failure, NAME, plain, project, readSettings } from "./configuration.ts";

describe("Pulumi.yaml", () => {
  it("describes and defaults every setting, and nothing else", () => {
    const settings = readSettings(configuration(), NAME);
    const unknown = failure({ "": "x" });
    const known = unknown.slice(unknown.indexOf("use one of ") + "use one of ".length).split(", ");
    expect(described.map(([key]) => key).sort()).toEqual(known.sort());
    for (const [, setting] of described) {
      // With a type, the engine would tell a value of another type alone, before the program tells all that is wrong.
      expect(Object.keys(setting).sort()).toEqual(["default", "description"]);
    }
    const empty = { tags: {}, appSettings: {}, secretAppSettings: {} };
    const model = "scoring-app/model";
    expect(settings).toEqual({ planSku: "B1", instanceCount: 1, model, readyTimeout: 900, ...empty });
  });

  it.each([
    ["dev", "B1", 1],
    ["staging", "S1", 1],
    ["prod", "P0v3", 2],
  ])("and Pulumi.%s.yaml make valid settings", (stack, planSku, instanceCount) => {
    const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8"));
    // As the engine does: a key without a namespace is the project's, and `pulumi new` writes it with one.
    const own = Object.entries(config).map(([key, value]) => {
      const short = key.replace(`${project.name}:`, "");
      return [short.includes(":") ? short : `${NAME}:${short}`, value];
    });
    expect(Object.keys(config).filter((key) => key.startsWith(`${NAME}:`))).toEqual([]);
    const raw = { ...configuration({}, null), ...Object.fromEntries(own) };
    const settings = readSettings(
      Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, String(value)])),
      NAME,
    );
    expect(settings).toMatchObject({ planSku, instanceCount });
  });
});

describe("valid settings", () => {
  it("are typed, with names, base image and tags as given", () => {
    const own = {
      planSku: "p1v3",
      instanceCount: 2,
      resourceGroupName: "my-group",
      planName: "my-plan",
      registryName: "myregistry",
      webAppName: "my-app",
      baseImage: "registry.example:5000/node:26@sha256:".concat("0".repeat(64)),
      readyTimeout: 60,
      tags: { team: "risk", cost: 7, live: true },
    };
    expect(readSettings(configuration(own), NAME)).toMatchObject({
      ...own,
      planSku: "P1v3",
      tags: { team: "risk", cost: "7", live: "true" },
    });
  });

  it("show app settings, but for those with an encrypted value: these are secret as a whole, as any setting is", async () => {
    const raw = configuration({ appSettings: { API_KEY: "s3cret", N: 1 }, tags: { team: "risk" } });
    expect(readSettings(raw, NAME).appSettings).toEqual({ API_KEY: "s3cret", N: "1" });
    const encrypted = ["appSettings", "tags"].map((setting) => `${NAME}:${setting}`);
    const { appSettings, tags, planSku } = readSettings(raw, NAME, encrypted);
    for (const value of [appSettings, tags]) {
      expect(pulumi.Output.isInstance(value) && (await pulumi.isSecret(pulumi.output(value)))).toBe(true);
    }
    expect(await plain(appSettings)).toEqual({ API_KEY: "s3cret", N: "1" });
    expect(planSku).toBe("B1");
  });

  it("leave secret app settings to the web app, which masks each value, encrypted or not", () => {
    const raw = configuration({ secretAppSettings: { API_KEY: "s3cret" } });
    for (const encrypted of [[], [`${NAME}:secretAppSettings`]]) {
      expect(readSettings(raw, NAME, encrypted).secretAppSettings).toEqual({ API_KEY: "s3cret" });
    }
  });

  it("may stand beside settings of other namespaces", () => {
    const others = { "pulumi:tags": '{"a":"b"}', "aws:region": "eu", "random:x": "y" };
    expect(() => readSettings({ ...configuration(), ...others }, NAME)).not.toThrow();
  });

  it.each(["westeurope", "West Europe", "eastus2"])("may have the location %s", (location) => {
    expect(() => readSettings(configuration({}, location), NAME)).not.toThrow();
  });
});

describe("invalid settings", () => {
  it.each([
    [{ planSku: "X9" }, 'azure-ml-scoring:planSku is "X9": not a SKU for Linux containers; use one of B1'],
    [{ planSku: "F1" }, 'azure-ml-scoring:planSku is "F1": Free and Shared plans'],
    [{ planSku: "" }, "azure-ml-scoring:planSku is"],
    [{ instanceCount: 0 }, 'azure-ml-scoring:instanceCount is "0": use a whole number from 1'],
    [{ instanceCount: 1.5 }, 'azure-ml-scoring:instanceCount is "1.5": use a whole number'],
    [{ instanceCount: 4 }, 'azure-ml-scoring:instanceCount is "4": B1 (Basic) runs 1 to 3'],
    [{ readyTimeout: -1 }, 'azure-ml-scoring:readyTimeout is "-1": use a whole number from 10 to 7200'],
    [{ resourceGroupName: "group." }, 'azure-ml-scoring:resourceGroupName is "group.": use 1 to 90'],
    [{ planName: "a b" }, 'azure-ml-scoring:planName is "a b": use 1 to 60'],
    [{ registryName: "my-registry" }, 'azure-ml-scoring:registryName is "my-registry": use 5 to 50'],
    [{ webAppName: "-x" }, 'azure-ml-scoring:webAppName is "-x": use 2 to 60'],
    [{ baseImage: "node 24" }, 'azure-ml-scoring:baseImage is "node 24": use an image reference'],
    [{ tags: ["a"] }, 'azure-ml-scoring:tags is "[\\"a\\"]": use a map'],
    [{ tags: { "a/b": "x" } }, '"a/b": use 1 to 512 characters without'],
    [{ tags: { a: "x".repeat(257) } }, '"a": use at most 256 characters'],
    [{ tags: { a: null } }, '"a": use a string'],
    // YAML's 1.10, and more digits than a number has.
    [{ appSettings: { VERSION: 1.1 } }, '"VERSION": use a string as the value, in quotes'],
    [{ appSettings: { ID: 12345678901234567000 } }, '"ID": use a string as the value, in quotes'],
    [
      { tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, "x"])) },
      "use at most 50",
    ],
    [{ appSettings: { "A B": "x" } }, 'azure-ml-scoring:appSettings: "A B": use letters'],
    [
      { appSettings: { docker_registry_server_url: "x" } },
      '"docker_registry_server_url": is set by this program',
    ],
    [
      { appSettings: { "a.b": "x" } },
      '"a.b": use letters, digits and _ in the name of a variable: App Service makes _ of a dot, and drops a dash',
    ],
    [{ appSettings: { "a-b": "x" } }, '"a-b": use letters, digits and _'],
    [{ secretAppSettings: { "a-b": "x" } }, 'azure-ml-scoring:secretAppSettings: "a-b": use letters'],
    [
      { appSettings: { A: "1", B: "2" }, secretAppSettings: { A: "3" } },
      "azure-ml-scoring:secretAppSettings: A is in appSettings too: leave one out",
    ],
    [
      { appSettings: { Foo: "1", FOO: "2" } },
      'azure-ml-scoring:appSettings: "FOO": is there in another case',
    ],
    [{ tags: { Team: "a", team: "b" } }, '"team": is there in another case: leave one out'],
    [
      { appSettings: { Foo: "1" }, secretAppSettings: { FOO: "2" } },
      "azure-ml-scoring:secretAppSettings: FOO is in appSettings too: leave one out",
    ],
    [{ appSettings: 5 }, "azure-ml-scoring:appSettings: use a map of names to strings"],
    [{ secretAppSettings: ["a"] }, "azure-ml-scoring:secretAppSettings: use a map of names to strings"],
    [{ instanceCount: "many" }, 'azure-ml-scoring:instanceCount is "many": use a whole number from 1 to 30'],
    [{ plnSku: "B1" }, "azure-ml-scoring:plnSku is not a setting of this project: use one of planSku"],
  ])("%j: names key, value and remedy", (own, message) => {
    expect(failure(own)).toContain(message);
  });

  it.each([null, "", "west_europe"])("location %j: says how to set it", (location) => {
    expect(() => readSettings(configuration({}, location), NAME)).toThrow(
      "pulumi config set azure-native:location westeurope",
    );
  });

  it.each([...OWN_APP_SETTINGS, "PORT", "DOCKER_CUSTOM_IMAGE_NAME"])("refuse the app setting %s", (name) => {
    expect(failure({ appSettings: { [name]: "x" } })).toContain(`"${name}": is set by this program`);
  });

  it("are those whose default is gone from Pulumi.yaml, too", () => {
    expect(() => readSettings({ "azure-native:location": "westeurope" }, NAME)).toThrow(
      "azure-ml-scoring:planSku is not set",
    );
  });

  it("are all said at once", () => {
    const message = failure({ planSku: "X9", registryName: "-", appSettings: { PORT: "1", "a b": "2" } }, "");
    expect(message.split("\n")).toHaveLength(5);
    expect(message).toContain(
      '"PORT": is set by this program or by App Service; leave it out; "a b": use letters',
    );
  });

  it("are all said at once where one setting is checked against another that is wrong, too", () => {
    const message = failure({
      planSku: "X9",
      instanceCount: 40,
      appSettings: { A: "1", PORT: "2" },
      secretAppSettings: { A: "3" },
      tags: 5,
      planName: { a: 1 },
    });
    expect(message.split("\n").slice(1)).toEqual([
      expect.stringContaining('tags is "5": use a map of names to strings'),
      expect.stringContaining('planName is "{\\"a\\":1}": use 1 to 60'),
      expect.stringContaining('planSku is "X9": not a SKU'),
      expect.stringContaining('instanceCount is "40": use a whole number from 1 to 30'),
      expect.stringContaining('appSettings: "PORT": is set by this program'),
      expect.stringContaining("secretAppSettings: A is in appSettings too"),
    ]);
  });

  it("never show the value of an app setting", () => {
    expect(failure({ appSettings: { PORT: "s3cret", "a b": "s3cret" } })).not.toContain("s3cret");
    expect(failure({ secretAppSettings: { PORT: "s3cret" } })).not.toContain("s3cret");
  });

  it("never show a value that is encrypted", () => {
    const raw = configuration({ planName: "s3 cret" });
    const read = () => readSettings(raw, NAME, [`${NAME}:planName`]);
    expect(read).toThrow("azure-ml-scoring:planName: use 1 to 60");
    expect(read).not.toThrow("s3 cret");
  });

  it("with a misspelt namespace are told together with what is wrong otherwise", () => {
    const raw = { ...configuration({ planSku: "X9" }), "azure-ml-scorng:planSku": "S1" };
    const read = () => readSettings(raw, NAME);
    expect(read).toThrow('azure-ml-scoring:planSku is "X9"');
    expect(read).toThrow("azure-ml-scorng:planSku is read by nothing: write planSku, without a namespace");
  });
});
