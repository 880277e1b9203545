import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Dockerode from "dockerode";
import { appServiceRuntime } from "../../../../local/azure/web/runtime/runtime.ts";
import type { AppServiceRuntime, SiteSpec } from "../../../../local/azure/web/runtime/types.ts";
import { localCertificates } from "../../../../local/net/certificates.ts";
import { freePort } from "../../../../local/net/ports.ts";
import { type Answer, send } from "../../local-azure.ts";
import { followed, importNodeImage } from "./container-image.ts";
import { PrivateRegistry } from "./private-registry.ts";
import { siteSpec } from "./site-specs.ts";

/** What the container does is said by app settings, so that one image serves every case. */
const script = `
import { createServer } from "node:http";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
const { MODE, REVISION, PORT } = process.env;
console.log("container says " + REVISION);
if (MODE === "crash") { console.error("no model in /model"); process.exit(3); }
const port = MODE === "wrong-port" ? 5999 : Number(PORT);
process.on("SIGTERM", () => process.exit(0));
createServer((request, response) => {
  if (request.url === "/environment") return response.end(JSON.stringify(process.env));
  if (request.url === "/headers") return response.end(JSON.stringify(request.rawHeaders));
  if (request.url === "/keep") { writeFileSync("/home/kept", REVISION); return response.end("kept"); }
  if (request.url === "/kept") return response.end(existsSync("/home/kept") ? readFileSync("/home/kept") : "nothing");
  response.end("revision " + REVISION);
}).listen(port, () => console.log("listening on " + port));
`;

export const docker = new Dockerode();
export const clone = `app-service-test-${process.pid}-${Date.now()}`;
export let folder: string;
export let registry: PrivateRegistry;
export let image: string;
export let tls: { key: string; cert: string };
export let ca: string;
export let runtime: AppServiceRuntime;

export const label = () => ({ label: [`azure-ml-scoring.clone=${clone}`] });
export const containers = () => docker.listContainers({ all: true, filters: label() });
export const sitesFolder = () => join(folder, "sites");
const newRuntime = () =>
  appServiceRuntime({
    docker,
    tls,
    directory: sitesFolder(),
    clone,
    log: () => undefined,
    verifyToken: () => undefined,
    times: { startLimit: 4_000, waitingLine: 500, restartDelay: 500, stopLimit: 1_000, drain: 500 },
  });

export async function startAll(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "app-service-test-"));
  registry = await PrivateRegistry.start(join(folder, "registry"));
  const certificates = await localCertificates(join(folder, "certificates"));
  ca = certificates.ca;
  tls = { key: certificates.key, cert: certificates.cert };
  const tagged = `${registry.loginServer}/team/app:v1`;
  await importNodeImage(docker, tagged, script, 8080);
  const { username, password, loginServer } = registry;
  const authconfig = { username, password, serveraddress: loginServer };
  const output = await followed(docker, await docker.getImage(tagged).push({ authconfig }));
  const digest = output.map(({ aux }) => (aux as { Digest?: string } | undefined)?.Digest).find(Boolean);
  image = `${loginServer}/team/app@${digest}`;
  runtime = newRuntime();
}

/** Pushes the image once more with a label that makes it another one. @returns its reference by digest */
export async function pushVariant(revision: string): Promise<string> {
  const { username, password, loginServer } = registry;
  const container = await docker.createContainer({ Image: `${loginServer}/team/app:v1` });
  const [repo, tag] = [`${loginServer}/team/app`, revision];
  await container.commit({ repo, tag, changes: `LABEL revision=${revision}` });
  await container.remove();
  const variant = docker.getImage(`${repo}:${tag}`);
  const authconfig = { username, password, serveraddress: loginServer };
  const output = await followed(docker, await variant.push({ authconfig }));
  const digest = output.map(({ aux }) => (aux as { Digest?: string } | undefined)?.Digest).find(Boolean);
  await variant.remove();
  return `${repo}@${digest}`;
}

export async function removeSites(): Promise<void> {
  for (const name of names) await runtime.remove(name);
  names.clear();
}

export async function stopAll(): Promise<void> {
  await runtime?.stop();
  await docker.getImage(`${registry.loginServer}/team/app:v1`).remove({ force: true });
  await registry?.stop();
  await rm(folder, { recursive: true, force: true });
}

const names = new Set<string>();
let count = 0;

/** A site of this name's own, which the end of the test removes. */
export async function spec(settings: Record<string, string> = {}): Promise<SiteSpec> {
  const name = `app-${++count}`;
  names.add(name);
  const changes = {
    name,
    port: await freePort(),
    scmPort: await freePort(),
    linuxFxVersion: `DOCKER|${image}`,
  };
  return siteSpec(changes, {
    DOCKER_REGISTRY_SERVER_URL: `https://${registry.loginServer}`,
    DOCKER_REGISTRY_SERVER_USERNAME: registry.username,
    DOCKER_REGISTRY_SERVER_PASSWORD: registry.password,
    WEBSITES_ENABLE_APP_SERVICE_STORAGE: "false",
    WEBSITES_PORT: "8080",
    REVISION: "one",
    ...settings,
  });
}

export function changed(site: SiteSpec, settings: Record<string, string>): SiteSpec {
  return { ...site, appSettings: { ...site.appSettings, ...settings } };
}

export const get = (site: SiteSpec, path = "/"): Promise<Answer> =>
  send(`https://localhost:${site.port}${path}`, { ca });

/** Waits until `check` holds for what the site answers or logs. */
export async function until<T>(what: () => Promise<T>, check: (value: T) => boolean): Promise<T> {
  for (let last = await what(); ; last = await what()) {
    if (check(last)) return last;
    await delay(50);
  }
}

export const untilLogged = (site: SiteSpec, text: string | RegExp) =>
  until(
    () => runtime.logs(site.name),
    (log) => (typeof text === "string" ? log.includes(text) : text.test(log)),
  );
export const untilServed = (site: SiteSpec, text: string) =>
  until(
    () => get(site),
    (answer) => answer.text === text,
  );
