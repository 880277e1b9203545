import { displayLocation } from "../../core/locations.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { listOf } from "../body.ts";
import type { WebState } from "../state.ts";
import { sitePropertiesOf } from "./properties.ts";
import { hostOf } from "./view.ts";

/** POST start and stop: state and answers of the front end, kept over a restart of the process. */
export async function setStopped(
  state: WebState,
  stopped: boolean,
  request: ArmRequest,
): Promise<ArmResponse> {
  const site = state.site(request);
  await state.save({ ...site, properties: { ...site.properties, stopped } });
  return { status: 200 };
}

/** POST restart: a new container from the same settings; a stopped app stays stopped. */
export async function restartSite(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const runs = sitePropertiesOf(site).enabled && !site.properties.stopped;
  if (runs) await state.runtime.restart(site.name);
  return { status: 200 };
}

/** POST containerlogs: the last lines, or 204 when there are none. */
export async function containerLogs(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const text = await state.runtime.logs(state.site(request).name);
  if (text === "") return { status: 204 };
  return { status: 200, headers: { "Content-Type": "application/octet-stream" }, body: text };
}

/** GET hostNameBindings: the default host is the only one. */
export function listHostNameBindings(state: WebState, request: ArmRequest): ArmResponse {
  const site = state.site(request);
  const host = hostOf(site);
  const binding = {
    id: `${site.id}/hostNameBindings/${host}`,
    name: `${site.name}/${host}`,
    type: "Microsoft.Web/sites/hostNameBindings",
    location: displayLocation(site.location),
    properties: {
      siteName: site.name,
      domainId: null,
      hostNameType: "Verified",
      sslState: null,
      thumbprint: null,
    },
  };
  return { status: 200, body: listOf([binding]) };
}

/** GET deployments: none, since images are the only way to deploy. */
export function listDeployments(state: WebState, request: ArmRequest): ArmResponse {
  state.site(request);
  return { status: 200, body: listOf([]) };
}
