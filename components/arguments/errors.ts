import * as pulumi from "@pulumi/pulumi";

/**
 * An error that ends the program, shown with this very message, at the resource if one is given. The SDK puts `error
 * serializing property "outputs": ` before the message of an error once for every output that it passes through; this one
 * keeps its own.
 */
export function programError(message: string, resource?: pulumi.Resource): Error {
  const error = new pulumi.ResourceError(message, resource, /* hideStack */ true);
  return Object.defineProperty(error, "message", { get: () => message, set: () => {} });
}

export const REFRESH = "`pulumi up --refresh` (`npm run local -- refresh`, then `up`) puts it right";

/** What helps against a call of Azure that failed, by what its message says. */
const REMEDIES: [RegExp, string][] = [
  [/admin user is disabled/i, `somebody turned it off; ${REFRESH}`],
  [/SubscriptionNotFound/, "see which subscription is meant (`az account show`)"],
  [/(=|answered )404\b|NotFound/, `somebody deleted it; ${REFRESH}`],
  [/(=|answered )40[13]\b|Authori|Authenti/i, "sign in again (`az login`) with the role Contributor"],
  [/(=|answered )409\b/, "another operation changes it; run this again in a minute"],
  [/(=|answered )429\b/, "Azure takes no more requests for now; run this again in some minutes"],
  [/^/, "see whether Azure can be reached from here, and run this again"],
];

/** The result of a call of Azure; where it fails, the program ends with one sentence. */
export async function calling<T>(failed: string, call: Promise<T>, resource: pulumi.Resource): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const reason = (error as Error).message.replace(/\s+/g, " ").trim();
    const remedy = REMEDIES.find(([pattern]) => pattern.test(reason))?.[1];
    throw programError(`${failed}: ${reason}: ${remedy}`, resource);
  }
}

/** Why a request got no answer, in Node's or the system's words. */
export function reasonOf(error: Error): string {
  if (error.name === "TimeoutError") return "no answer in time";
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.message || cause?.code || error.message;
}

/** The beginning of an answer, on one line. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line || "(empty)";
}
