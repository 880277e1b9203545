/** `npm run docs:differences`: writes the rows of differences.md that follow from the tables by which requests are read. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REGISTRY } from "../local/azure/container-registry/members.ts";
import type { Member, Members } from "../local/azure/core/members.ts";
import { providers } from "../local/azure/providers.ts";
import { GROUP } from "../local/azure/resources/members.ts";
import { APP_SETTINGS } from "../local/azure/web/config/app-settings.ts";
import {
  AUTH_SETTINGS,
  AUTH_SETTINGS_V2,
  CONNECTION_STRINGS,
  FTP_POLICY,
  LOGS,
  SCM_POLICY,
  SLOT_CONFIG_NAMES,
  STORAGE_ACCOUNTS,
  TEXTS,
  WEB_CONFIG,
} from "../local/azure/web/config/members.ts";
import { SERVER_FARM } from "../local/azure/web/plans/members.ts";
import { SITE } from "../local/azure/web/sites/members.ts";

export interface EmulatedType {
  title: string;
  /** Of the resource, after its group's path. */
  path: string;
  table: Members;
}

const site = "/providers/Microsoft.Web/sites/{name}";

/** Every type that can be written here. */
export const types: EmulatedType[] = [
  { title: "Resource group", path: "", table: GROUP },
  {
    title: "Registry",
    path: "/providers/Microsoft.ContainerRegistry/registries/{registryName}",
    table: REGISTRY,
  },
  { title: "Plan", path: "/providers/Microsoft.Web/serverfarms/{name}", table: SERVER_FARM },
  { title: "Web app", path: site, table: SITE },
  { title: "`config/web` and `siteConfig`", path: `${site}/config/web`, table: WEB_CONFIG },
  { title: "`config/appsettings`", path: `${site}/config/appsettings`, table: TEXTS },
  {
    title: "`config/connectionstrings`",
    path: `${site}/config/connectionstrings`,
    table: CONNECTION_STRINGS,
  },
  { title: "`config/metadata`", path: `${site}/config/metadata`, table: TEXTS },
  { title: "`config/slotConfigNames`", path: `${site}/config/slotConfigNames`, table: SLOT_CONFIG_NAMES },
  {
    title: "`config/azurestorageaccounts`",
    path: `${site}/config/azurestorageaccounts`,
    table: STORAGE_ACCOUNTS,
  },
  { title: "`config/logs`", path: `${site}/config/logs`, table: LOGS },
  { title: "`config/authsettings`", path: `${site}/config/authsettings`, table: AUTH_SETTINGS },
  { title: "`config/authsettingsV2`", path: `${site}/config/authsettingsV2`, table: AUTH_SETTINGS_V2 },
  {
    title: "Policy `scm`",
    path: `${site}/basicPublishingCredentialsPolicies/scm`,
    table: SCM_POLICY,
  },
  {
    title: "Policy `ftp`",
    path: `${site}/basicPublishingCredentialsPolicies/ftp`,
    table: FTP_POLICY,
  },
];

/** A row: where the members stand, their paths, what becomes of them, and why. */
export interface Difference {
  title: string;
  members: string[];
  here: "kept, to no effect" | "refused";
  why: string;
}

/** What is refused, or kept though nothing acts on it: one entry a type and reason. */
export function differences(): Difference[] {
  const found: Difference[] = [];
  const add = (title: string, member: string, here: Difference["here"], why: string) => {
    const same = found.find((one) => one.title === title && one.here === here && one.why === why);
    if (same) same.members.push(member);
    else found.push({ title, members: [member], here, why });
  };
  const actions = routes().map(({ namespace, name, body = {} }) => ({
    title: `POST ${namespace}/${name}`,
    table: body,
  }));
  for (const { title, table } of [...types, ...actions]) {
    const shown = (path: string) => path.replace("properties.", "");
    walk(table, "", (path, { refused, idle, read }) => {
      if (refused) add(title, shown(path), "refused", refused);
      if (idle && read) add(title, shown(path), "kept, to no effect", idle);
    });
  }
  for (const [name, { why }] of Object.entries(APP_SETTINGS)) add("App settings", name, "refused", why);
  return found;
}

/** Visits every row of a table; a table that is another type's is visited there. */
function walk(table: Members, at: string, visit: (path: string, member: Member) => void): void {
  for (const [name, member] of Object.entries(table)) {
    const path = `${at}${name}`;
    visit(path, member);
    const described = at !== "" && types.some(({ table }) => table.properties?.members === member.members);
    // What stands below a refused member is refused with it.
    if (!member.members || member.refused || described) continue;
    walk(member.members, `${path}${{ list: "[].", map: ".*.", object: "." }[member.of ?? "object"]}`, visit);
  }
}

/** Paths of a common parent as one: `a.b.{c, d, e}`. */
function folded(paths: string[]): string[] {
  const byParent = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf(".") + 1));
  return [...byParent].flatMap(([parent, below]) => {
    if (parent === "" || below.length === 1) return below;
    return [`${parent}{${below.map((path) => path.slice(parent.length)).join(", ")}}`];
  });
}

/** All routes, named from their provider's namespace on. */
export function routes() {
  const stub = { directory: "", clone: "" } as never;
  return providers.flatMap((provider) => {
    const { namespace, routes } = provider(stub);
    return routes.map((route) => ({ ...route, namespace, name: shortened(route.path, namespace) }));
  });
}

/** The operations that there are, of each resource provider. */
export function operations(): { namespace: string; routes: string[] }[] {
  return [...Map.groupBy(routes(), ({ namespace }) => namespace)].map(([namespace, routes]) => ({
    namespace,
    routes: routes.map(({ name, methods }) => `${name} (${Object.keys(methods).join(", ")})`),
  }));
}

function shortened(path: string, namespace: string): string {
  return path.split(`/providers/${namespace}/`).at(-1)!.replace("/subscriptions/{subscriptionId}/", "");
}

const start =
  "| <!-- generated by `npm run docs:differences` --> **What is refused, and what is kept to no effect** | | |";
const end = "<!-- end of what is generated -->";

/** The text of differences.md with its generated rows made anew. */
export function withDifferences(markdown: string): string {
  const [before, after] = [markdown.indexOf(start), markdown.indexOf(end)];
  if (before < 0 || after < before)
    throw new Error("docs/differences.md has lost a marker of its generated rows.");
  const rows = [
    ...differences().map(({ title, members, here, why }) => [
      `${title}: ${folded(members)
        .map((member) => `\`${member}\``)
        .join(", ")}`,
      here === "refused" ? "done" : "has an effect where it applies",
      `${here}: ${why}`,
    ]),
    ...operations().map(({ namespace, routes }) => [
      `Operations of ${namespace}`,
      "all",
      `${routes.map((route) => `\`${route}\``).join(", ")}; others are refused by name, but HEAD`,
    ]),
  ].map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  return `${markdown.slice(0, before)}${[start, ...rows].join("\n")}\n\n${markdown.slice(after)}`;
}

if (import.meta.main) {
  const file = join(import.meta.dirname, "differences.md");
  writeFileSync(file, withDifferences(readFileSync(file, "utf8")));
}
