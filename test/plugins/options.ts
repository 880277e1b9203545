import type { AzureNativeOptions } from "../../local/plugins/azure-native/plugin.ts";

/** For tests in which azure-native is not asked. */
export const noAzure: AzureNativeOptions = {
  resourceManager: "https://localhost:1",
  identityEndpoint: "http://127.0.0.1:1",
  identityHeader: "",
  subscriptionId: "",
  tenantId: "",
  ca: "",
};
