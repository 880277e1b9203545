/** One entry of a token's `access` claim, as in the Distribution token specification. */
export interface Access {
  type: string;
  name: string;
  actions: string[];
}

const repositoryActions = ["pull", "push", "delete"];

/** Tags, digests and upload ids have no character that an URL gives a meaning to. */
const repositoryPath =
  /^\/v2\/([a-z0-9._/-]+)\/(?:(?:manifests|blobs|referrers)\/[\w.:+=~-]+|blobs\/uploads(?:\/[\w.=~-]*)?|tags\/list)$/;

/**
 * What may be granted of the scopes asked for (`repository:NAME:pull,push`, `registry:catalog:*`): a principal that
 * gets as far as a token here may do everything.
 */
export function grantedAccess(scopes: string[]): Access[] {
  return scopes
    .flatMap((scope) => scope.split(" "))
    .flatMap((scope) => {
      const match = /^(repository|registry):(.+):([^:]+)$/.exec(scope);
      if (!match) return [];
      const [, type, name, actions] = match as unknown as [string, string, string, string];
      const wanted = actions.split(",");
      if (type === "registry")
        return name === "catalog" && wanted.includes("*") ? [{ type, name, actions: ["*"] }] : [];
      const granted = wanted.includes("*")
        ? repositoryActions
        : wanted.filter((action) => repositoryActions.includes(action));
      return granted.length > 0 ? [{ type, name, actions: granted }] : [];
    });
}

/**
 * What a request of the registry's API needs; undefined when the path is none of the API's, or mounts a layer from what is
 * no repository.
 *
 * @param path - decoded.
 */
export function requiredAccess(method: string, path: string, query: URLSearchParams): Access[] | undefined {
  if (path === "/v2/" || path === "/v2") return [];
  if (path === "/v2/_catalog") return [{ type: "registry", name: "catalog", actions: ["*"] }];
  const repository = repositoryPath.exec(path)?.[1];
  if (repository === undefined || !isRepository(repository)) return undefined;
  const access: Access[] = [{ type: "repository", name: repository, actions: actionsOf(method) }];
  const source = query.get("from");
  // Mounting a layer reads it from another repository.
  if (method === "POST" && source !== null) {
    if (!isRepository(source)) return undefined;
    access.push({ type: "repository", name: source, actions: ["pull"] });
  }
  return access;
}

export function allows(granted: Access[], required: Access[]): boolean {
  return required.every(({ type, name, actions }) =>
    actions.every((action) =>
      granted.some((grant) => grant.type === type && grant.name === name && grant.actions.includes(action)),
    ),
  );
}

/** As in a challenge's `scope`. */
export function scopeText(access: Access[]): string {
  return access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(",")}`).join(" ");
}

/** Characters of a name, since a challenge repeats it; and no segment that whoever serves the path would resolve to another one. */
function isRepository(name: string): boolean {
  if (!/^[a-z0-9._/-]+$/.test(name)) return false;
  return name.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function actionsOf(method: string): string[] {
  if (method === "GET" || method === "HEAD") return ["pull"];
  return method === "DELETE" ? ["delete"] : ["pull", "push"];
}
