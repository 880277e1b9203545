import { createHash } from "node:crypto";

/** Azure's rule for the names of a resource type, beside the resource. Source: "Naming rules and restrictions for Azure resources". */
export interface NameRule {
  /** Microsoft's published abbreviation of the resource type. Source: "Abbreviation recommendations". */
  abbreviation: string;
  maximum: number;
  pattern: RegExp;
  /** Said in the error when a given name breaks the rule. */
  description: string;
  /** Resources with a public endpoint must not carry a reserved word in their name. */
  endpoint?: boolean;
  separator: "-" | "";
}

/** Where generated names come from: Pulumi's project and stack, and a service beside the default one. */
export type NameSource = { project: string; stack: string; service?: string };

/** Source: "Resolve errors for reserved resource names". */
const RESERVED_ANYWHERE = /microsoft|windows/i;
const RESERVED_AT_START = /^login/i;

/** The check of a name that the user chose. */
export function nameCheck(rule: NameRule) {
  return {
    check(name: string): string {
      if (name.length > rule.maximum || !rule.pattern.test(name)) throw new Error(`use ${rule.description}`);
      if (rule.endpoint && (RESERVED_ANYWHERE.test(name) || RESERVED_AT_START.test(name))) {
        throw new Error('Azure reserves "microsoft" and "windows", and "login" at the start; leave them out');
      }
      return name;
    },
  };
}

/**
 * A valid name for any project, stack and service, such as `rg-shop-dev` or `crshopdev1a2b3c4d`. A hash keeps the names
 * of two stacks apart where project and stack had to be changed or cut to fit, and those of a service beside the default
 * one from the names of a stack that is called like both (`rg-shop-dev-eu-0a1b2c`, so stack dev-eu has no part in it).
 * @param suffix makes a globally unique name
 */
export function generatedName(rule: NameRule, source: NameSource, suffix?: string): string {
  const head = rule.abbreviation + rule.separator;
  const tail = suffix ? rule.separator + suffix : "";
  return head + fitted(source, rule, rule.maximum - head.length - tail.length) + tail;
}

function fitted(source: NameSource, { separator, endpoint }: NameRule, room: number): string {
  const { project, stack, service } = source;
  const parts = service === undefined ? [project, stack] : [project, stack, service];
  const plain = parts.join("-");
  const legal = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, separator)
    .replace(/^-+|-+$/g, "");
  const allowed = endpoint ? withoutReserved(legal) : legal;
  const unchanged = allowed === (separator ? plain : plain.replaceAll("-", ""));
  if (service === undefined && unchanged && allowed.length <= room) return allowed;
  const hash = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 6);
  const kept = allowed.slice(0, room - hash.length - separator.length).replace(/-+$/, "");
  return kept ? kept + separator + hash : hash;
}

/** Each reserved word becomes its first letter, until none is left: taking one out may join up another. */
function withoutReserved(text: string): string {
  let result = text;
  while (RESERVED_ANYWHERE.test(result)) result = result.replace(RESERVED_ANYWHERE, (word) => word.charAt(0));
  return result;
}
