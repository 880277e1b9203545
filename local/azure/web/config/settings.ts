import { readMembers } from "../../core/members.ts";
import { ok } from "../../core/ok.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { bodyOf, type Json, membersOf, textsIn } from "../body.ts";
import { invalidParameter } from "../errors.ts";
import { configChild, configType, type Site } from "../model.ts";
import type { WebState } from "../state.ts";
import { checkUnique, readAppSettings } from "./app-settings.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { CONNECTION_STRINGS, TEXTS } from "./members.ts";

export type Kept = "appSettings" | "connectionStrings" | "metadata";

const children: Record<Kept, { name: string; read: (request: ArmRequest) => Json }> = {
  appSettings: { name: "appsettings", read: (request) => readAppSettings(textsOf(request, "appsettings")) },
  connectionStrings: {
    name: "connectionstrings",
    read(request) {
      const { properties = {} } = readMembers(CONNECTION_STRINGS, bodyOf(request), {
        owner: `${configType}/connectionstrings`,
        invalid: () => invalidParameter("ConnectionStrings"),
      });
      const entries = Object.entries(properties);
      return readConnectionStrings(
        entries.map(([name, one]) => ({ name, connectionString: one.value, ...one })),
      );
    },
  },
  metadata: { name: "metadata", read: (request) => textsOf(request, "metadata") },
};

function textsOf(request: ArmRequest, child: string): Record<string, string> {
  const { properties = {} } = membersOf(TEXTS, request, `${configType}/${child}`);
  const texts = textsIn(properties, "properties");
  checkUnique(Object.keys(texts));
  return texts;
}

/** PUT of config/appsettings, config/connectionstrings or config/metadata: replaces the whole set. */
export async function putSettings(state: WebState, kept: Kept, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const values = children[kept].read(request);
  const saved = await state.save({ ...site, properties: { ...site.properties, [kept]: values } });
  return ok(settingsView(saved, kept));
}

/** POST config/…/list: the only way to read them. */
export function settingsView(site: Site, kept: Kept): Json {
  return configChild(site, children[kept].name, site.properties[kept]);
}
