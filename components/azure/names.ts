import { createHash } from "node:crypto";

/** Where generated names come from. */
export interface NameSource {
  /** The Pulumi project. */
  project: string;
  /** The Pulumi stack. */
  stack: string;
}

interface NameRule {
  /** Microsoft's published abbreviation of the resource type. */
  abbreviation: string;
  minimum: number;
  maximum: number;
  pattern: RegExp;
  /** Said in the error when a given name breaks the rule. */
  description: string;
  /** Resources with a public endpoint must not carry a reserved word in their name. */
  endpoint: boolean;
  separator: "-" | "";
}

/** Source: Azure's "Naming rules and restrictions for Azure resources" and "Abbreviation recommendations". */
const RULES = {
  resourceGroup: {
    abbreviation: "rg",
    minimum: 1,
    maximum: 90,
    pattern: /^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$/,
    description: "1 to 90 letters, digits and _ - . ( ), not ending in a dot",
    endpoint: false,
    separator: "-",
  },
  plan: {
    abbreviation: "asp",
    minimum: 1,
    maximum: 60,
    pattern: /^[A-Za-z0-9-]+$/,
    description: "1 to 60 letters, digits and hyphens",
    endpoint: false,
    separator: "-",
  },
  registry: {
    abbreviation: "cr",
    minimum: 5,
    maximum: 50,
    pattern: /^[A-Za-z0-9]+$/,
    description: "5 to 50 letters and digits",
    endpoint: true,
    separator: "",
  },
  webApp: {
    abbreviation: "app",
    minimum: 2,
    maximum: 60,
    pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
    description: "2 to 60 letters, digits and hyphens, no hyphen at either end",
    endpoint: true,
    separator: "-",
  },
} as const satisfies Record<string, NameRule>;

export type NamedResource = keyof typeof RULES;

/** Source: Azure's "Resolve errors for reserved resource names". */
const RESERVED_ANYWHERE = /microsoft|windows/i;
const RESERVED_AT_START = /^login/i;

/**
 * Checks a name that the user chose.
 * @throws Error saying what a valid name is
 */
export function checkName(resource: NamedResource, name: string): void {
  const rule: NameRule = RULES[resource];
  if (name.length < rule.minimum || name.length > rule.maximum || !rule.pattern.test(name)) {
    throw new Error(`use ${rule.description}`);
  }
  if (rule.endpoint && (RESERVED_ANYWHERE.test(name) || RESERVED_AT_START.test(name))) {
    throw new Error(
      'Azure reserves "microsoft" and "windows" in names and "login" at their start; leave them out',
    );
  }
}

/**
 * A valid name for any project and stack, such as `rg-shop-dev` or `crshopdev1a2b3c4d`. Where the project and stack had to
 * be changed or cut to fit, a hash of them keeps the names of two stacks apart.
 * @param suffix makes a globally unique name; hexadecimal, so that it completes no reserved word
 */
export function generatedName(resource: NamedResource, source: NameSource, suffix?: string): string {
  const rule: NameRule = RULES[resource];
  const head = rule.abbreviation + rule.separator;
  const tail = suffix ? rule.separator + suffix : "";
  return head + fitted(source, rule, rule.maximum - head.length - tail.length) + tail;
}

function fitted({ project, stack }: NameSource, { separator, endpoint }: NameRule, room: number): string {
  const plain = `${project}-${stack}`;
  const legal = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, separator)
    .replace(/^-+|-+$/g, "");
  const allowed = endpoint ? withoutReserved(legal) : legal;
  const unchanged = allowed === (separator ? plain : plain.replaceAll("-", ""));
  if (unchanged && allowed.length <= room) return allowed;
  const hash = createHash("sha256")
    .update(JSON.stringify([project, stack]))
    .digest("hex")
    .slice(0, 6);
  const kept = allowed.slice(0, room - hash.length - separator.length).replace(/-+$/, "");
  return kept ? kept + separator + hash : hash;
}

/** Each reserved word becomes its first letter, until none is left: taking one out may join up another. */
function withoutReserved(text: string): string {
  let result = text;
  while (RESERVED_ANYWHERE.test(result)) result = result.replace(RESERVED_ANYWHERE, (word) => word.charAt(0));
  return result;
}
