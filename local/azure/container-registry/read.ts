import { ArmError, invalidType } from "../core/errors.ts";
import { readMembers } from "../core/members.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import { REGISTRY } from "./members.ts";
import { type Registry, registryType } from "./model.ts";

/**
 * The `adminUserEnabled` of a request's body; undefined when it says nothing of it.
 *
 * @throws ArmError (400) naming what asks for something that is not emulated.
 */
export function readProperties(body: unknown): boolean | undefined {
  return readMembers(REGISTRY, body as object, { owner: registryType, invalid: invalidType }).properties
    ?.adminUserEnabled;
}

const skuNames = ["Basic", "Standard", "Premium"];

/** The SKU of a request's body. @throws ArmError (400) naming the ones there are. */
export function readSku(body: unknown): Registry["sku"] {
  const { sku } = body as { sku?: { name?: unknown } };
  const given = typeof sku?.name === "string" ? sku.name : "";
  const name = skuNames.find((known) => equalsIgnoringCase(known, given));
  if (name) return { name, tier: name };
  const message = `The SKU '${given}' is not valid for a registry. The allowed SKUs are ${skuNames.join(", ")}.`;
  throw new ArmError(400, "InvalidSku", message);
}
