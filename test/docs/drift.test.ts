import { expect, it } from "vitest";
import type { Relied } from "../../components/azure/relied.ts";
import { PLAN_MEMBERS } from "../../components/hosting/plan.ts";
import { SITE_CONFIG_MEMBERS, SITE_MEMBERS } from "../../components/hosting/web-app.ts";
import { REGISTRY_MEMBERS } from "../../components/image/registry.ts";

const TABLES: Record<string, Relied> = {
  Plan: PLAN_MEMBERS,
  Registry: REGISTRY_MEMBERS,
  "Web app": SITE_MEMBERS,
  "`siteConfig` of the web app": SITE_CONFIG_MEMBERS,
};

const START = `# What is put back

\`pulumi up --refresh\` (here \`npm run local -- refresh\`, then \`up\`) undoes what was changed elsewhere, in the portal or by \`az\`: the
SKU, number of instances, image and tags that the stack's settings say, and the members below. Azure keeps a member that a write leaves
out, so each is sent with every write. \`kind\` and \`reserved\` are settled when a resource is made. App settings come back with the next change of the web app, as of a tag:
Azure does not show them to a refresh. Where one is changed that the program sets itself, but for the registry's credentials, \`up\` fails and says so.
What is not here stays as others set it: access restrictions, virtual networks, CORS, identities, domains, connection strings.

<!-- Made by \`npm run docs:drift\` from the tables in components/. -->

| resource | member | value | with another |
| --- | --- | --- | --- |
`;

it("docs/drift.md has every member that the program relies on, with its value and why", async () => {
  const rows = Object.entries(TABLES).flatMap(([resource, table]) =>
    Object.entries(table).map(
      ([member, [value, otherwise]]) =>
        `| ${resource} | \`${member}\` | \`${JSON.stringify(value)}\` | ${otherwise} |\n`,
    ),
  );
  await expect(START + rows.join("")).toMatchFileSnapshot("../../docs/drift.md");
});
