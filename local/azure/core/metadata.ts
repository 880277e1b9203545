import { ArmError } from "./errors.ts";
import { each } from "./members.ts";
import { ok } from "./ok.ts";
import type { ArmResponse } from "./types.ts";

/** Audience of tokens for SCM hosts. */
export const appServiceAudience = "https://appservice.azure.com";

/**
 * GET /metadata/endpoints: where a client that knows only the resource manager's address finds the rest. What is not
 * emulated is left out, or points at ourselves where az insists on having it.
 *
 * @param origin - `https://localhost:PORT`.
 */
export function metadataEndpoints(origin: string, apiVersion: string): ArmResponse {
  const host = new URL(origin).host;
  const authentication = {
    // By its end az and MSAL take it for AD FS, which they do not look up in the public cloud's directory.
    loginEndpoint: `${origin}/adfs`,
    audiences: [`${origin}/`, origin],
    // As in the public clouds: with any other pair azurerm says that it does not support Azure Stack.
    tenant: "common",
    identityProvider: "AAD",
  };
  const here = `${origin}/`;
  if (apiVersion === "1.0" || apiVersion === "2015-01-01") {
    const { loginEndpoint, audiences } = authentication;
    return ok({
      ...each(here, "galleryEndpoint graphEndpoint portalEndpoint"),
      authentication: { loginEndpoint, audiences },
    });
  }
  if (!["2018-01-01", "2019-05-01", "2022-09-01"].includes(apiVersion)) {
    const message = `The api-version '${apiVersion}' is invalid. The supported versions are '2022-09-01,2019-05-01,2018-01-01,2015-01-01'.`;
    throw new ArmError(400, "InvalidApiVersionParameter", message);
  }
  const cloud = {
    name: "AzureLocal",
    ...each(here, "portal graph graphAudience resourceManager microsoftGraphResourceId"),
    authentication,
    suffixes: each(host, "acrLoginServer storage keyVaultDns"),
    // What az asks a token for to follow a log stream where basic auth is off.
    appServiceResourceId: appServiceAudience,
  };
  return ok(apiVersion === "2019-05-01" ? [cloud] : cloud);
}
