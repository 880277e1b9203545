import { ArmError } from "./errors.ts";
import type { ArmResponse } from "./types.ts";

/** Audience of tokens for SCM hosts. */
export const appServiceAudience = "https://appservice.azure.com";

/**
 * GET /metadata/endpoints: where a client that knows only the resource manager's address finds the rest. What is not
 * emulated is left out, or points at ourselves where az insists on having it.
 *
 * @param origin - `https://localhost:PORT`.
 */
export function metadataEndpoints(origin: string, apiVersion: string, tenantId: string): ArmResponse {
  const host = new URL(origin).host;
  const authentication = {
    // ADFS at a path /adfs: az and MSAL then do not look for the authority in the public cloud's directory.
    loginEndpoint: `${origin}/adfs`,
    audiences: [`${origin}/`, origin],
    tenant: tenantId,
    identityProvider: "ADFS",
  };
  switch (apiVersion) {
    case "1.0":
    case "2015-01-01":
      return {
        status: 200,
        body: {
          galleryEndpoint: `${origin}/`,
          graphEndpoint: `${origin}/`,
          portalEndpoint: `${origin}/`,
          authentication: {
            loginEndpoint: authentication.loginEndpoint,
            audiences: authentication.audiences,
          },
        },
      };
    case "2018-01-01":
    case "2019-05-01":
    case "2022-09-01": {
      const cloud = {
        name: "AzureLocal",
        portal: `${origin}/`,
        authentication,
        graph: `${origin}/`,
        graphAudience: `${origin}/`,
        suffixes: { acrLoginServer: host, storage: host, keyVaultDns: host },
        resourceManager: `${origin}/`,
        microsoftGraphResourceId: `${origin}/`,
        // What az asks a token for to follow a log stream where basic auth is off.
        appServiceResourceId: appServiceAudience,
      };
      return { status: 200, body: apiVersion === "2019-05-01" ? [cloud] : cloud };
    }
    default:
      throw new ArmError(
        400,
        "InvalidApiVersionParameter",
        `The api-version '${apiVersion}' is invalid. The supported versions are '2022-09-01,2019-05-01,2018-01-01,2015-01-01'.`,
      );
  }
}
