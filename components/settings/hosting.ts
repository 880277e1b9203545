import * as pulumi from "@pulumi/pulumi";
import { HOSTING_CHECKS, type HostingArgs } from "../hosting/web-app";
import { map, type Reader, text, wholeNumber } from "./reader";

export function hostingSettings(reader: Reader): HostingArgs {
  const { appSettings, ...hosting } = reader.group(
    HOSTING_CHECKS,
    { planSku: text, instanceCount: wholeNumber, planName: text, webAppName: text, appSettings: map },
    ["planSku", "instanceCount"],
  );
  // Secret as a whole, since any value may be.
  return { ...hosting, appSettings: pulumi.secret(appSettings ?? {}) };
}
