import { canonicalRegistry } from "../../../docker/image-reference.ts";

/** What a pull authenticates with; never logged. */
export interface RegistryCredentials {
  username: string;
  password: string;
  serveraddress: string;
}

/**
 * The DOCKER_REGISTRY_SERVER_* credentials, if they are for `registry` (see `registryOf`): a password is only ever
 * sent to the server that the settings name.
 */
export function registryCredentials(
  registry: string,
  settings: Record<string, string>,
): RegistryCredentials | undefined {
  const server = settings.DOCKER_REGISTRY_SERVER_URL?.trim();
  const username = settings.DOCKER_REGISTRY_SERVER_USERNAME;
  const password = settings.DOCKER_REGISTRY_SERVER_PASSWORD;
  if (!server || !username || !password) return undefined;
  const name = server.replace(/^https?:\/\//i, "").split("/", 1)[0]!;
  if (canonicalRegistry(name) !== registry) return undefined;
  return { username, password, serveraddress: name };
}
