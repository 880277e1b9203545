import { displayLocation } from "../../core/locations.ts";
import { each } from "../../core/members.ts";
import { ok } from "../../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { type Json, listOf, membersOf } from "../body.ts";
import { invalidParameter } from "../errors.ts";
import { envelopeOf, type Site } from "../model.ts";
import { hostOf, scmHostOf } from "../sites/view.ts";
import { publishingUser } from "../spec.ts";
import type { WebState } from "../state.ts";
import { FTP_POLICY, SCM_POLICY } from "./members.ts";

/** POST config/publishingcredentials/list: user and password for basic authentication at the SCM host. */
export function publishingCredentials(site: Site): Json {
  const user = publishingUser(site);
  const password = site.properties.publishingPassword;
  return {
    ...envelopeOf(site, "Microsoft.Web/sites/publishingcredentials"),
    id: `${site.id}/publishingcredentials/${user}`,
    properties: {
      ...each(null, "name publishingPasswordHash publishingPasswordHashSalt metadata"),
      publishingUserName: user,
      publishingPassword: password,
      isDeleted: false,
      scmUri: `https://${encodeURIComponent(user)}:${password}@${scmHostOf(site)}`,
    },
  };
}

/** POST publishxml: one profile, of the SCM host, since there are neither Web Deploy nor FTP. */
export function publishXml(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  const attributes = {
    profileName: `${site.name} - Zip Deploy`,
    publishMethod: "ZipDeploy",
    publishUrl: scmHostOf(site),
    userName: publishingUser(site),
    userPWD: site.properties.publishingPassword,
    destinationAppUrl: `https://${hostOf(site)}`,
    ...each(
      "",
      "SQLServerDBConnectionString mySQLDBConnectionString hostingProviderForumLink controlPanelLink",
    ),
    webSystem: "WebSites",
  };
  const text = Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ");
  const profiles = `<publishData><publishProfile ${text}><databases /></publishProfile></publishData>`;
  return ok(profiles, { "Content-Type": "application/xml" });
}

const policies = { ftp: FTP_POLICY, scm: SCM_POLICY };
type Policy = keyof typeof policies;
const policyType = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";

export function policiesView(site: Site): Json {
  return listOf([policyView(site, "ftp"), policyView(site, "scm")]);
}

/** PUT basicPublishingCredentialsPolicies/…: with `allow: false` the SCM host takes bearer tokens only. */
export async function putPolicy(state: WebState, name: Policy, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const { allow } = membersOf(policies[name], request, policyType).properties ?? {};
  if (allow === undefined) throw invalidParameter("Allow");
  const basicAuth = { ...site.properties.basicAuth, [name]: allow };
  const saved = await state.save({ ...site, properties: { ...site.properties, basicAuth } });
  return ok(policyView(saved, name));
}

export function policyView(site: Site, name: Policy): Json {
  return {
    id: `${site.id}/basicPublishingCredentialsPolicies/${name}`,
    name,
    type: policyType,
    location: displayLocation(site.location),
    properties: { allow: site.properties.basicAuth[name] },
  };
}
