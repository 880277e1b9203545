/** What a pull authenticates with; never logged. */
export interface RegistryCredentials {
  username: string;
  password: string;
  serveraddress: string;
}

const dockerHub = "docker.io";
const dockerHubNames = new Set([
  dockerHub,
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);

/** The registry host (with port) of an image reference; Docker Hub for one without. */
export function hostOf(image: string): string {
  const first = image.split("/", 1)[0]!;
  const isHost = image.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return isHost ? canonicalHost(first) : dockerHub;
}

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
/** The grammar of github.com/distribution/reference, with a host's letter case and length left to Docker. */
const reference = new RegExp(
  `^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?${component}(?:/${component})*(?::[A-Za-z0-9_][\\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$`,
);

/** Whether Docker can parse it. What it cannot must not reach its API, which would redirect to another path. */
export function isReference(image: string): boolean {
  return reference.test(image);
}

/** Splits into what `POST /images/create` calls fromImage and tag (a tag or a digest). */
export function splitReference(image: string): { repository: string; tag: string } {
  const at = image.indexOf("@");
  if (at >= 0) return { repository: image.slice(0, at), tag: image.slice(at + 1) };
  const colon = image.lastIndexOf(":");
  if (colon > image.lastIndexOf("/"))
    return { repository: image.slice(0, colon), tag: image.slice(colon + 1) };
  return { repository: image, tag: "latest" };
}

/**
 * The DOCKER_REGISTRY_SERVER_* credentials, if they are for `host`: a password is only ever sent to the server that
 * the settings name.
 */
export function registryCredentials(
  host: string,
  settings: Record<string, string>,
): RegistryCredentials | undefined {
  const server = settings.DOCKER_REGISTRY_SERVER_URL?.trim();
  const username = settings.DOCKER_REGISTRY_SERVER_USERNAME;
  const password = settings.DOCKER_REGISTRY_SERVER_PASSWORD;
  if (!server || !username || !password) return undefined;
  const name = server.replace(/^https?:\/\//i, "").split("/", 1)[0]!;
  if (canonicalHost(name) !== host) return undefined;
  return { username, password, serveraddress: name };
}

function canonicalHost(host: string): string {
  const name = host.toLowerCase();
  return dockerHubNames.has(name) ? dockerHub : name;
}
