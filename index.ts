import * as pulumi from "@pulumi/pulumi";
import { ScoringService } from "./components/service";
import { readSettings } from "./components/settings";

const settings = readSettings(pulumi.runtime.allConfig(), pulumi.getProject());

export const { scoringUrl, baseUrl, webAppName, resourceGroupName, registryLoginServer, imageReference } =
  new ScoringService("scoring", settings);
