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
