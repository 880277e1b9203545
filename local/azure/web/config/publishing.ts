import { displayLocation } from "../../core/locations.ts";
import { readMembers } from "../../core/members.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { bodyOf, type Json, listOf } from "../body.ts";
import { invalidMember, invalidParameter } from "../errors.ts";
import type { Site } from "../model.ts";
import { hostOf, scmHostOf } from "../sites/view.ts";
import { publishingUser } from "../spec.ts";
import type { WebState } from "../state.ts";
import { FTP_POLICY, SCM_POLICY } from "./members.ts";

/** POST config/publishingcredentials/list: user and password for basic authentication at the SCM host. */
export function listPublishingCredentials(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  const user = publishingUser(site);
  const password = site.properties.publishingPassword;
  return {
    status: 200,
    body: {
      id: `${site.id}/publishingcredentials/${user}`,
      name: site.name,
      type: "Microsoft.Web/sites/publishingcredentials",
      location: displayLocation(site.location),
      ...(site.tags && { tags: site.tags }),
      properties: {
        name: null,
        publishingUserName: user,
        publishingPassword: password,
        publishingPasswordHash: null,
        publishingPasswordHashSalt: null,
        metadata: null,
        isDeleted: false,
        scmUri: `https://${encodeURIComponent(user)}:${password}@${scmHostOf(site)}`,
      },
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
    SQLServerDBConnectionString: "",
    mySQLDBConnectionString: "",
    hostingProviderForumLink: "",
    controlPanelLink: "",
    webSystem: "WebSites",
  };
  const text = Object.entries(attributes)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ");
  return {
    status: 200,
    headers: { "Content-Type": "application/xml" },
    body: `<publishData><publishProfile ${text}><databases /></publishProfile></publishData>`,
  };
}

type Policy = "ftp" | "scm";
const policyType = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";

export function getPolicy(state: WebState, name: Policy, request: ArmRequest): ArmResponse {
  return { status: 200, body: policyView(state.site(request), name) };
}

export function listPolicies(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  return { status: 200, body: listOf([policyView(site, "ftp"), policyView(site, "scm")]) };
}

/** PUT basicPublishingCredentialsPolicies/…: with `allow: false` the SCM host takes bearer tokens only. */
export async function putPolicy(state: WebState, name: Policy, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const allow = readMembers(name === "scm" ? SCM_POLICY : FTP_POLICY, bodyOf(request), {
    owner: policyType,
    invalid: invalidMember,
  }).properties?.allow;
  if (allow === undefined) throw invalidParameter("Allow");
  const basicAuth = { ...site.properties.basicAuth, [name]: allow };
  const saved = await state.save({ ...site, properties: { ...site.properties, basicAuth } });
  return { status: 200, body: policyView(saved, name) };
}

function policyView(site: Site, name: Policy): Json {
  return {
    id: `${site.id}/basicPublishingCredentialsPolicies/${name}`,
    name,
    type: policyType,
    location: displayLocation(site.location),
    properties: { allow: site.properties.basicAuth[name] },
  };
}
