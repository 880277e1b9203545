import * as pulumi from "@pulumi/pulumi";

/**
 * An error that ends the program, shown with this very message, at the resource if one is given. The SDK puts `error
 * serializing property "outputs": ` before the message of an error once for every output that it passes through; this one
 * keeps its own.
 */
export function programError(message: string, resource?: pulumi.Resource): Error {
  const hideStack = true;
  const error = new pulumi.ResourceError(message, resource, hideStack);
  return Object.defineProperty(error, "message", { get: () => message, set: () => {} });
}
