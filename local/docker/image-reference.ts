const label = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
/** The grammar of github.com/distribution/reference; lengths and digest algorithms are left to Docker. */
const reference = new RegExp(
  `^(?:${label}(?:\\.${label})*(?::[0-9]+)?/)?${component}(?:/${component})*(?::[A-Za-z0-9_][\\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?$`,
);

/**
 * Whether Docker can parse it. What it cannot must not get into a path of its API: of `/images//x/json` Docker redirects
 * to another path, and its client library then ends the process, in vain looking for a host named "images".
 */
export function isReference(image: string): boolean {
  return reference.test(image);
}

/** Whether the image is one of a registry on this machine. */
export function isOfLocalRegistry(image: string): boolean {
  return /^localhost:[0-9]+\//.test(image);
}

/** Whether it is the name of an image of local Azure's: not a list of them either, of which Docker would take each. */
export function isLocalReference(image: unknown): image is string {
  return typeof image === "string" && isOfLocalRegistry(image) && isReference(image);
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

const dockerHub = "docker.io";
const dockerHubNames = new Set([
  dockerHub,
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);

/** The registry host (with port) of an image reference; Docker Hub for one without. */
export function registryOf(image: string): string {
  const first = image.split("/", 1)[0]!;
  const isHost = image.includes("/") && (/[.:]/.test(first) || first === "localhost");
  return isHost ? canonicalRegistry(first) : dockerHub;
}

/** A registry's host in lower case; of all names that Docker Hub has, the one. */
export function canonicalRegistry(host: string): string {
  const name = host.toLowerCase();
  return dockerHubNames.has(name) ? dockerHub : name;
}
