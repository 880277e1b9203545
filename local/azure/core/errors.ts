import type { Resource } from "./types.ts";

interface Extras {
  /** Microsoft.Web's own errors are PascalCase and unwrapped; everybody else's are `{"error": …}`. */
  envelope?: "web";
  extended?: { code: string; template: string; parameters: string[] };
  details?: { target: string; message: string }[];
}

/** An error in Azure's words; front-door.ts is the one place that turns it into a response. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly extras: Extras;

  constructor(status: number, code: string, message: string, extras: Extras = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.extras = extras;
  }
}

/** The error's JSON, in the envelope of whoever raised it. */
export function errorBody(error: ArmError): Record<string, unknown> {
  const { code, message } = error;
  const { envelope, extended, details } = error.extras;
  if (envelope !== "web") return { error: { code, message, ...(details && { details }) } };
  const entity = {
    Code: code,
    Message: message,
    ...(extended && {
      ExtendedCode: extended.code,
      MessageTemplate: extended.template,
      Parameters: extended.parameters,
    }),
  };
  return {
    Code: code,
    Message: message,
    Target: null,
    Details: [{ Message: message }, { Code: code }, { ErrorEntity: entity }],
    Innererror: null,
  };
}

/**
 * What Azure can do and local Azure cannot: refused by name, never taken and ignored. In the resource manager's
 * envelope, whose message every client shows.
 *
 * @param what - e.g. `'properties.clientCertEnabled'`.
 */
export function notEmulated(what: string, why: string): ArmError {
  return new ArmError(400, "NotSupported", `Local Azure does not emulate ${what}: ${why}`);
}

/** @param type - e.g. `Microsoft.Web/sites`; `name` e.g. `app`. */
export function resourceNotFound(type: string, name: string, group: string): ArmError {
  const message = `The Resource '${type}/${name}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return new ArmError(404, "ResourceNotFound", message);
}

export function resourceGroupNotFound(group: string): ArmError {
  return new ArmError(404, "ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
}

export function invalidRequestContent(reason: string): ArmError {
  const message = `The request content was invalid and could not be deserialized: '${reason}'.`;
  return new ArmError(400, "InvalidRequestContent", message);
}

/** @param path - of the member, e.g. `properties.adminUserEnabled`; `type` e.g. `a boolean`. */
export function invalidType(path: string, type: string): ArmError {
  return invalidRequestContent(`The property '${path.split(".").at(-1)}' is not ${type}`);
}

/** Refuses a `PUT` of an existing resource that names another location. @param requested - normalized. */
export function checkLocation(existing: Resource | undefined, requested: string): void {
  if (!existing || existing.location === requested) return;
  const { id, name, location } = existing;
  const message = `The resource '${name}' already exists in location '${location}' in resource group '${id.split("/")[4]}'. A resource with the same name cannot be created in location '${requested}'. Please select a new resource name.`;
  throw new ArmError(409, "InvalidResourceLocation", message);
}
