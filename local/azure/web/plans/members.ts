import { each, idle, nested, readOnly, refused, taken } from "../../core/members.ts";
import { anything, flag, is } from "../../core/readers.ts";
import * as why from "../reasons.ts";

const skuName = "the SKU's name decides it.";

/** The body of a Microsoft.Web/serverfarms. */
export const SERVER_FARM = {
  location: taken(anything),
  tags: taken(anything),
  sku: nested({
    name: taken(anything),
    capacity: taken(anything),
    ...each(idle(skuName), "tier size family capabilities locations skuCapacity"),
  }),
  kind: idle("properties.reserved decides it."),
  identity: why.identity,
  extendedLocation: refused(why.environments),
  ...each(readOnly, "id name type systemData"),
  properties: nested({
    reserved: taken(flag),
    ...each(
      refused(why.environments),
      `hostingEnvironmentProfile kubeEnvironmentProfile workerTierName hostingEnvironment
      hostingEnvironmentId`,
    ),
    ...each(
      refused(why.windows),
      `isXenon hyperV isCustomMode registryAdapters installScripts storageMounts rdpEnabled`,
    ),
    isSpot: refused("plans here cannot be evicted."),
    spotExpirationTime: idle("it matters with isSpot only, which is refused."),
    freeOfferExpirationTime: idle("nothing here costs anything."),
    ...each(
      refused(why.scaling),
      `perSiteScaling elasticScaleEnabled asyncScalingEnabled targetWorkerCount targetWorkerSizeId`,
    ),
    maximumElasticWorkerCount: refused(why.scaling, is(1)),
    zoneRedundant: refused("this machine is one zone."),
    network: refused(why.network),
    planDefaultIdentity: refused(why.identities),
    ...each(
      readOnly,
      `adminRuntimeSiteName adminSiteName computeMode createdTime currentNumberOfWorkers
      currentNumberOfZonesUtilized currentWorkerSize currentWorkerSizeId existingServerFarmIds
      geoRegion kind maximumNumberOfWorkers maximumNumberOfZones mdmId migrateToVMSS name
      numberOfSites numberOfWorkers planName powerState provisioningState resourceGroup serverFarmId
      siteMode sku status subscription tags targetWorkerSku vnetConnectionsMax vnetConnectionsUsed
      webSiteId webSpace workerSize workerSizeId`,
    ),
  }),
};
