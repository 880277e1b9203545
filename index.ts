import * as pulumi from "@pulumi/pulumi";
import { ScoringService } from "./components/service";
import { readSettings } from "./components/settings";

const settings = readSettings(pulumi.runtime.allConfig(), pulumi.getProject());

const service = new ScoringService("scoring", settings);

export const scoringUrl = service.scoringUrl;
export const baseUrl = service.baseUrl;
export const webAppName = service.webAppName;
export const resourceGroupName = service.resourceGroupName;
export const registryLoginServer = service.registryLoginServer;
export const imageReference = service.imageReference;
