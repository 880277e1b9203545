import { displayLocation } from "../../core/locations.ts";
import { each } from "../../core/members.ts";
import type { Json } from "../body.ts";
import { envelopeOf, groupOf, type Plan } from "../model.ts";
import type { WebState } from "../state.ts";
import { tierOf, workerSizeOf } from "./sku.ts";

/** What a GET says of all that cannot be changed here. */
const FIXED: Json = {
  ...each(
    null,
    `workerTierName adminSiteName hostingEnvironment hostingEnvironmentProfile adminRuntimeSiteName siteMode
    hostingEnvironmentId spotExpirationTime freeOfferExpirationTime targetWorkerSku webSiteId
    existingServerFarmIds kubeEnvironmentProfile`,
  ),
  ...each(false, "perSiteScaling elasticScaleEnabled isSpot isXenon hyperV zoneRedundant"),
  ...each(0, "workerSizeId currentWorkerSizeId targetWorkerCount targetWorkerSizeId"),
  status: "Ready",
  planName: "VirtualDedicatedPlan",
  maximumElasticWorkerCount: 1,
  mdmId: "local",
  provisioningState: "Succeeded",
};

/**
 * A plan as Microsoft.Web answers it.
 *
 * @param answer - `put`: the answer to a PUT, which says the SKU twice and no maximum.
 */
export function renderPlan(
  state: WebState,
  plan: Plan,
  apiVersion: string,
  answer: "get" | "put" = "get",
): Json {
  const { name, location, tags, kind, sku, properties } = plan;
  const workers = Math.max(1, sku.capacity);
  const since = (date: string) => apiVersion.slice(0, 10) >= date;
  const workerSize = workerSizeOf(sku);
  const { maximum, computeMode } = tierOf(sku);
  return {
    ...envelopeOf(plan),
    kind,
    properties: {
      ...FIXED,
      serverFarmId: properties.serverFarmId,
      name,
      ...(answer === "put" && { sku }),
      workerSize,
      numberOfWorkers: workers,
      currentWorkerSize: workerSize,
      currentNumberOfWorkers: workers,
      webSpace: webSpace(plan),
      subscription: state.context.subscriptionId,
      maximumNumberOfWorkers: answer === "put" ? 0 : maximum,
      computeMode,
      geoRegion: displayLocation(location),
      numberOfSites: state.sitesOn(plan).length,
      tags: tags ?? null,
      kind,
      resourceGroup: groupOf(plan),
      reserved: properties.reserved,
      ...(since("2023-01-01") && {
        migrateToVMSS: null,
        vnetConnectionsUsed: answer === "put" ? null : 0,
        vnetConnectionsMax: answer === "put" ? null : 2,
        createdTime: properties.created,
      }),
      ...(since("2025-03-01") && {
        maximumNumberOfZones: 1,
        currentNumberOfZonesUtilized: 1,
        ...each(false, "asyncScalingEnabled isCustomMode"),
        ...each([], "registryAdapters installScripts storageMounts"),
        powerState: "Running",
      }),
    },
    sku,
  };
}

/** e.g. `rg-WestEuropewebspace-Linux`. */
export function webSpace(plan: Plan): string {
  const region = displayLocation(plan.location).replaceAll(" ", "");
  return `${groupOf(plan)}-${region}webspace${plan.properties.reserved ? "-Linux" : ""}`;
}
