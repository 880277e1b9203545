import { readMembers } from "../../core/members.ts";
import type { ArmRequest, ArmResponse } from "../../core/types.ts";
import { bodyOf, type Json, textsIn } from "../body.ts";
import { invalidMember, invalidParameter } from "../errors.ts";
import type { Site } from "../model.ts";
import type { WebState } from "../state.ts";
import { readAppSettings } from "./app-settings.ts";
import { configChild, configType } from "./child.ts";
import { readConnectionStrings } from "./connection-strings.ts";
import { CONNECTION_STRINGS, TEXTS } from "./members.ts";

type Kept = "appSettings" | "connectionStrings" | "metadata";

const children: Record<Kept, { name: string; read: (body: Json) => Json }> = {
  appSettings: { name: "appsettings", read: (body) => readAppSettings(textsOf(body, "appsettings")) },
  connectionStrings: {
    name: "connectionstrings",
    read(body) {
      const { properties = {} } = readMembers(CONNECTION_STRINGS, body, {
        owner: `${configType}/connectionstrings`,
        invalid: () => invalidParameter("ConnectionStrings"),
      });
      return readConnectionStrings(
        Object.entries(properties).map(([name, { value, type }]) => ({
          name,
          connectionString: value,
          type,
        })),
      );
    },
  },
  metadata: { name: "metadata", read: (body) => textsOf(body, "metadata") },
};

function textsOf(body: Json, child: string): Record<string, string> {
  const owner = `${configType}/${child}`;
  return textsIn(readMembers(TEXTS, body, { owner, invalid: invalidMember }).properties ?? {}, "properties");
}

/** PUT of config/appsettings, config/connectionstrings or config/metadata: replaces the whole set. */
export async function putSettings(state: WebState, kept: Kept, request: ArmRequest): Promise<ArmResponse> {
  const site = state.site(request);
  const values = children[kept].read(bodyOf(request));
  const saved = await state.save({ ...site, properties: { ...site.properties, [kept]: values } });
  return { status: 200, body: view(saved, kept) };
}

/** POST config/…/list: the only way to read them. */
export function listSettings(state: WebState, kept: Kept, request: ArmRequest): ArmResponse {
  return { status: 200, body: view(state.site(request), kept) };
}

function view(site: Site, kept: Kept): Json {
  return configChild(site, children[kept].name, site.properties[kept]);
}
