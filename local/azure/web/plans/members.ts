import {
  anything,
  each,
  flag,
  idle,
  is,
  type Members,
  nested,
  readOnly,
  refused,
  taken,
} from "../../core/members.ts";
import { environments, identities, identity, network, scaling, windows } from "../reasons.ts";

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
  identity,
  extendedLocation: refused(environments),
  ...each(readOnly, "id name type systemData"),
  properties: nested({
    reserved: taken(flag),
    ...each(
      refused(environments),
      `hostingEnvironmentProfile kubeEnvironmentProfile workerTierName hostingEnvironment
      hostingEnvironmentId`,
    ),
    ...each(
      refused(windows),
      `isXenon hyperV isCustomMode registryAdapters installScripts storageMounts rdpEnabled`,
    ),
    isSpot: refused("plans here cannot be evicted."),
    spotExpirationTime: idle("it matters with isSpot only, which is refused."),
    freeOfferExpirationTime: idle("nothing here costs anything."),
    ...each(
      refused(scaling),
      `perSiteScaling elasticScaleEnabled asyncScalingEnabled targetWorkerCount targetWorkerSizeId`,
    ),
    maximumElasticWorkerCount: refused(scaling, is(1)),
    zoneRedundant: refused("this machine is one zone."),
    network: refused(network),
    planDefaultIdentity: refused(identities),
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
} satisfies Members;
