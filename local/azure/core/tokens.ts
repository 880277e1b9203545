import { ArmError } from "./errors.ts";
import { nowInSeconds, readJwt, signJwt } from "./jwt.ts";

/** What the public cloud's resource manager accepts beside its own address. */
const publicAudiences = ["https://management.core.windows.net", "https://management.azure.com"];

/** A managed identity's token is good for a day. */
const lifetimeSeconds = 24 * 60 * 60;

export interface Identity {
  tenantId: string;
  subscriptionId: string;
  /** The service principal's object id and client id. */
  objectId: string;
  clientId: string;
}

export type Tokens = ReturnType<typeof localTokens>;

/**
 * Tokens in the look of Microsoft Entra ID's.
 *
 * @param key - signing key, of this clone.
 * @param resourceManager - `https://localhost:PORT`.
 */
export function localTokens(key: Buffer, identity: Identity, resourceManager: string) {
  const issuer = `https://sts.windows.net/${identity.tenantId}/`;
  const own = [...publicAudiences, resourceManager];
  return {
    /** A token for `resource` (its `aud`), in the name of the clone's managed identity. */
    issue(resource: string) {
      const now = nowInSeconds();
      const expiresOn = now + lifetimeSeconds;
      const claims = {
        aud: resource,
        iss: issuer,
        iat: now,
        nbf: now - 300,
        exp: expiresOn,
        appid: identity.clientId,
        appidacr: "2",
        idp: issuer,
        idtyp: "app",
        oid: identity.objectId,
        sub: identity.objectId,
        tid: identity.tenantId,
        ver: "1.0",
        xms_mirid: `/subscriptions/${identity.subscriptionId}/resourcegroups/local/providers/Microsoft.ManagedIdentity/userAssignedIdentities/local`,
      };
      return { token: signJwt(claims, key), expiresOn, clientId: identity.clientId };
    },
    /**
     * Verifies signature, issuer, time and audience.
     *
     * @param alsoFor - audiences that are accepted beside the resource manager's, without trailing slashes.
     * @throws ArmError (401) in the resource manager's words.
     */
    verify(token: string, alsoFor: string[] = []): void {
      const audiences = [...own, ...alsoFor];
      const claims = readJwt(token, key);
      if (!claims || claims.iss !== issuer) {
        throw new ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.");
      }
      const now = nowInSeconds();
      if (Number(claims.exp) <= now) {
        const message = `The access token expiry UTC time '${utc(Number(claims.exp))}' is earlier than current UTC time '${utc(now)}'.`;
        throw new ArmError(401, "ExpiredAuthenticationToken", message);
      }
      const audience = String(claims.aud);
      if (!audiences.includes(audience.replace(/\/+$/, ""))) {
        const message = `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences '${audiences.flatMap((allowed) => [`${allowed}/`, allowed]).join(",")}'.`;
        throw new ArmError(401, "InvalidAuthenticationTokenAudience", message);
      }
    },
  };
}

/** As in `8/21/2018 3:22:00 PM`. */
function utc(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString("en-US", { timeZone: "UTC" }).replace(",", "");
}
