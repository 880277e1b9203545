import { displayLocation } from "../../core/locations.ts";
import type { Json } from "../body.ts";
import { groupOf, type Plan } from "../model.ts";
import type { WebState } from "../state.ts";
import { tierOf, workerSizeOf } from "./sku.ts";

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
  const { id, name, type, location, tags, kind, sku, properties } = plan;
  const workers = Math.max(1, sku.capacity);
  const since = (date: string) => apiVersion.slice(0, 10) >= date;
  const workerSize = workerSizeOf(sku);
  const { maximum, computeMode } = tierOf(sku);
  return {
    id,
    name,
    type,
    kind,
    location: displayLocation(location),
    ...(tags && { tags }),
    properties: {
      serverFarmId: properties.serverFarmId,
      name,
      ...(answer === "put" && { sku }),
      workerSize,
      workerSizeId: 0,
      workerTierName: null,
      numberOfWorkers: workers,
      currentWorkerSize: workerSize,
      currentWorkerSizeId: 0,
      currentNumberOfWorkers: workers,
      status: "Ready",
      webSpace: webSpace(plan),
      subscription: state.context.subscriptionId,
      adminSiteName: null,
      hostingEnvironment: null,
      hostingEnvironmentProfile: null,
      maximumNumberOfWorkers: answer === "put" ? 0 : maximum,
      planName: "VirtualDedicatedPlan",
      adminRuntimeSiteName: null,
      computeMode,
      siteMode: null,
      geoRegion: displayLocation(location),
      perSiteScaling: false,
      elasticScaleEnabled: false,
      maximumElasticWorkerCount: 1,
      numberOfSites: state.sitesOn(plan).length,
      hostingEnvironmentId: null,
      isSpot: false,
      spotExpirationTime: null,
      freeOfferExpirationTime: null,
      tags: tags ?? null,
      kind,
      resourceGroup: groupOf(plan),
      reserved: properties.reserved,
      isXenon: false,
      hyperV: false,
      mdmId: "local",
      targetWorkerCount: 0,
      targetWorkerSizeId: 0,
      targetWorkerSku: null,
      provisioningState: "Succeeded",
      webSiteId: null,
      existingServerFarmIds: null,
      kubeEnvironmentProfile: null,
      zoneRedundant: false,
      ...(since("2023-01-01") && {
        migrateToVMSS: null,
        vnetConnectionsUsed: answer === "put" ? null : 0,
        vnetConnectionsMax: answer === "put" ? null : 2,
        createdTime: properties.created,
      }),
      ...(since("2025-03-01") && {
        maximumNumberOfZones: 1,
        currentNumberOfZonesUtilized: 1,
        asyncScalingEnabled: false,
        isCustomMode: false,
        registryAdapters: [],
        installScripts: [],
        storageMounts: [],
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
