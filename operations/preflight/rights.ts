/** A part of a role, as Azure's list of permissions has it: names of operations, in which `*` stands for anything. */
export interface Permission {
  actions: string[];
  notActions: string[];
}

/** What `pulumi up` and `pulumi destroy` do. Source: the requests that they send to the resource manager. */
const NEEDED = [
  "Microsoft.Resources/subscriptions/resourceGroups/read",
  "Microsoft.Resources/subscriptions/resourceGroups/write",
  "Microsoft.Resources/subscriptions/resourceGroups/delete",
  "Microsoft.Web/serverfarms/write",
  "Microsoft.Web/serverfarms/delete",
  "Microsoft.Web/sites/write",
  "Microsoft.Web/sites/delete",
  "Microsoft.Web/sites/config/list/action",
  "Microsoft.Web/sites/containerlogs/action",
  "Microsoft.ContainerRegistry/registries/write",
  "Microsoft.ContainerRegistry/registries/delete",
  "Microsoft.ContainerRegistry/registries/listCredentials/action",
];

/** The needed operations that none of the permissions grants. */
export function missingRights(permissions: Permission[], needed = NEEDED): string[] {
  return needed.filter(
    (operation) =>
      !permissions.some(({ actions, notActions }) => has(actions, operation) && !has(notActions, operation)),
  );
}

function has(patterns: string[], operation: string): boolean {
  return patterns.some((pattern) => {
    const parts = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "i").test(operation);
  });
}
