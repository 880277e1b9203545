import { notEmulated } from "../../core/errors.ts";
import { displayLocation } from "../../core/locations.ts";
import { each } from "../../core/members.ts";
import { ok } from "../../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { flagIn, type Json, listOf } from "../body.ts";
import type { Site } from "../model.ts";
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
  if (flagIn(request, "synchronous", false)) {
    throw notEmulated("a synchronous restart", "ask the app until it answers.");
  }
  const runs = sitePropertiesOf(site).enabled && !site.properties.stopped;
  if (runs) await state.runtime.restart(site.name);
  return { status: 200 };
}

/** POST containerlogs: the last lines, or 204 when there are none. */
export async function containerLogs(state: WebState, request: ArmRequest): Promise<ArmResponse> {
  const text = await state.runtime.logs(state.site(request).name);
  if (text === "") return { status: 204 };
  return ok(text, { "Content-Type": "application/octet-stream" });
}

/** GET hostNameBindings: the default host is the only one. */
export function hostNameBindings(site: Site): Json {
  const host = hostOf(site);
  const binding = {
    id: `${site.id}/hostNameBindings/${host}`,
    name: `${site.name}/${host}`,
    type: "Microsoft.Web/sites/hostNameBindings",
    location: displayLocation(site.location),
    properties: {
      siteName: site.name,
      hostNameType: "Verified",
      ...each(null, "domainId sslState thumbprint"),
    },
  };
  return listOf([binding]);
}
