import type { ArmClient } from "../../arm-client/arm-client.ts";
import { claimsOf, type ManagedIdentity } from "../../arm-client/managed-identity.ts";
import type { Properties } from "../property-values.ts";
import { flatten } from "./body.ts";
import { armPath, listFunctions, resourceTypes } from "./resource-types.ts";
import { functionSchema } from "./sdk-schema.ts";

interface FunctionContext {
  arm: ArmClient;
  identity: ManagedIdentity;
  subscriptionId: string;
  tenantId: string;
  resourceManager: string;
}

/** azure-native's functions: the getters and lists of the types in use, and who the client is. */
export async function invoke(token: string, args: Properties, context: FunctionContext): Promise<Properties> {
  const { arm, identity, subscriptionId, tenantId, resourceManager } = context;
  if (token === "azure-native:authorization:getClientToken")
    return { token: await identity.token((args.endpoint as string | undefined) ?? resourceManager) };
  if (token === "azure-native:authorization:getClientConfig") {
    const { appid = "", oid = "" } = claimsOf(await identity.token(resourceManager));
    return { clientId: appid, objectId: oid, subscriptionId, tenantId };
  }
  const list = listFunctions[token];
  const getter = resourceTypes[token.replace(/:get(?=[A-Z]\w*$)/, ":")];
  const template = list ?? (token.includes(":get") ? getter?.path : undefined);
  if (!template) throw new Error(`The local azure-native provider has no function '${token}'.`);
  const { apiVersion, results } = functionSchema(token);
  const path = armPath(template, subscriptionId, args);
  const body = await (list ? arm.post({ path, apiVersion }) : arm.get({ path, apiVersion })).catch(
    (error: Error) => {
      throw new Error(`request failed ${path}: ${error.message}`, { cause: error });
    },
  );
  return flatten(body, results, apiVersion);
}
