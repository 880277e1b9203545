import { ArmError, resourceNotFound } from "../core/errors.ts";
import type { ArmRequest } from "../core/types.ts";

const statuses = { BadRequest: 400, NotFound: 404, Conflict: 409 };

/** An error of Microsoft.Web itself: PascalCase, unwrapped. `{0}`… of the template are filled from `parameters`. */
export function webError(
  code: keyof typeof statuses,
  template: string,
  parameters: string[] = [],
  extendedCode?: string,
): ArmError {
  const message = parameters.reduce(
    (text, value, index) => text.replaceAll(`{${index}}`, () => value),
    template,
  );
  return new ArmError(statuses[code], code, message, {
    envelope: "web",
    ...(extendedCode && { extended: { code: extendedCode, template, parameters } }),
  });
}

/** @param name - the parameter as Azure spells it, e.g. `SKU.Name`, `LinuxFxVersion`. */
export function invalidParameter(name: string): ArmError {
  return webError("BadRequest", "The parameter {0} has an invalid value.", [name]);
}

/** Errors of {@link readMembers}: Azure spells parameters in Pascal case, from `properties` or `siteConfig` down. */
export function invalidMember(path: string): ArmError {
  const below = path.replace(/^properties\.(siteConfig\.)?/, "").replace(/\[.*/s, "");
  return invalidParameter(below.replace(/(^|\.)[a-z]/g, (start) => start.toUpperCase()));
}

/** The resource manager's answer for a site or plan that is not there: a child's PUT is told otherwise than the rest. */
export function notFound(request: ArmRequest, type: "sites" | "serverfarms"): ArmError {
  const { resourceGroupName = "", name = "" } = request.parameters;
  const child = new RegExp(`^(.*/${type}/[^/]+)/([^/]+)`, "i").exec(request.path);
  if (!child || request.method !== "PUT")
    return resourceNotFound(`Microsoft.Web/${type}`, name, resourceGroupName);
  const message = `Failed to perform 'write' on resource(s) of type '${type}/${child[2]}', because the parent resource '${child[1]}' could not be found.`;
  return new ArmError(404, "ParentResourceNotFound", message);
}

/** No plan has this id, or none that a site of the request may be on. */
export function planNotFound(id: string): ArmError {
  const name = id.split("/").at(-1)!;
  return webError("NotFound", "Cannot find {0} with name {1}.", ["ServerFarm", name], "51004");
}
