import { run } from "../../local/system/command.ts";
import type { Azure } from "./azure.ts";
import { missingRights, type Permission } from "./rights.ts";

/** What is not as it should be, and the command that mends it. */
export interface Fault {
  what: string;
  mend: string;
}

/** What a stack's settings say, as far as it is looked at here. */
export interface Settings {
  project: string;
  stack: string;
  webAppName?: string;
  registryName?: string;
  resourceGroupName?: string;
}

const NAMESPACES = ["Microsoft.Web", "Microsoft.ContainerRegistry"];

/** Docker, which builds the image, and Pulumi's backend. */
export async function machine(): Promise<Fault[]> {
  const docker = await run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutSeconds: 30 });
  const pulumi = await run("pulumi", ["whoami", "--non-interactive"], { timeoutSeconds: 60 });
  return [
    ...fault(docker, "No Docker daemon answers", "sudo systemctl start docker"),
    ...fault(pulumi, "Nobody is signed in to Pulumi's backend", "pulumi login"),
  ];
}

function fault({ status, output }: Awaited<ReturnType<typeof run>>, what: string, mend: string): Fault[] {
  return status === 0 ? [] : [{ what: `${what} (${output.trim().split("\n").at(-1)})`, mend }];
}

/** The subscription, and where it can be used all that Azure knows of what the stack needs. */
export async function subscription(azure: Azure, settings: Settings): Promise<Fault[]> {
  const { status, body } = await azure.ask<{ state?: string }>("", "2022-12-01");
  if (status === 200 && body.state === "Enabled") {
    const found = [
      ...NAMESPACES.map((name) => registration(azure, name)),
      rights(azure),
      names(azure, settings),
    ];
    return (await Promise.all(found)).flat();
  }
  const why = body.error?.message ?? `its state is ${body.state}`;
  const mend = "export ARM_SUBSCRIPTION_ID=$(az account show --query id -o tsv)";
  return [{ what: `Subscription ${azure.subscription} cannot be used: ${why}`, mend }];
}

async function registration(azure: Azure, namespace: string): Promise<Fault[]> {
  const { body } = await azure.ask<{ registrationState?: string }>(`/providers/${namespace}`, "2021-04-01");
  if (body.registrationState === "Registered") return [];
  const what = `Resource provider ${namespace} is not registered (${body.registrationState ?? body.error?.code})`;
  return [{ what, mend: `az provider register -n ${namespace} --wait` }];
}

async function rights(azure: Azure): Promise<Fault[]> {
  const path = "/providers/Microsoft.Authorization/permissions";
  const { status, body } = await azure.ask<{ value?: Permission[] }>(path, "2022-04-01");
  if (status !== 200) {
    const what = `What you may do cannot be read (${status}: ${body.error?.message})`;
    return [{ what, mend: "npm run preflight # again; it needs the role Reader" }];
  }
  const missing = missingRights(body.value ?? []);
  if (missing.length === 0) return [];
  const scope = `--scope /subscriptions/${azure.subscription}`;
  const who = "--assignee $(az ad signed-in-user show --query id -o tsv)";
  const mend = `az role assignment create --role Contributor ${who} ${scope}`;
  return [{ what: `You may not ${missing.join(", ")}`, mend }];
}

/** Names that all of Azure has once, and that the stack gives itself. */
async function names(azure: Azure, settings: Settings): Promise<Fault[]> {
  const { webAppName, registryName } = settings;
  const found = [
    webAppName && name(azure, settings, "webAppName", webAppName, "Microsoft.Web/sites"),
    registryName &&
      name(azure, settings, "registryName", registryName, "Microsoft.ContainerRegistry/registries"),
  ];
  return (await Promise.all(found)).flatMap((faults) => faults || []);
}

async function name(
  azure: Azure,
  settings: Settings,
  key: string,
  given: string,
  type: string,
): Promise<Fault[]> {
  const { project, stack, resourceGroupName } = settings;
  const group = resourceGroupName || `rg-${project}-${stack}`;
  const version = type.startsWith("Microsoft.Web") ? "2025-05-01" : "2023-07-01";
  const own = await azure.ask(`/resourceGroups/${group}/providers/${type}/${given}`, version);
  if (own.status === 200) return [];
  const check = `/providers/${type.split("/")[0]}/checkNameAvailability`;
  const { body } = await azure.ask<{ nameAvailable?: boolean; message?: string }>(check, version, {
    name: given,
    type,
  });
  if (body.nameAvailable) return [];
  const what = `${key} "${given}" cannot be had: ${body.message ?? body.error?.message}`;
  return [{ what, mend: `pulumi config set --stack ${stack} ${key} ANOTHER` }];
}
