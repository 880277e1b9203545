import { ArmError } from "../core/errors.ts";
import { equalsIgnoringCase } from "../core/text.ts";
import type { Resource } from "../core/types.ts";

type Test = (resource: Resource) => boolean;

/** `a eq 'b'` terms joined by `and`, as az and the SDKs send them; names in any case. */
const term = /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*(?:and\s+|$)/i;

/**
 * The test that an OData `$filter` stands for.
 *
 * @throws ArmError (400) for what is not supported here: other operators and other properties.
 */
export function parseFilter(filter: string | null): Test {
  const tests: Test[] = [];
  let tag: string | undefined;
  for (let rest = filter ?? ""; rest.trim() !== ""; ) {
    const match = term.exec(rest);
    if (!match) throw unsupported(filter);
    rest = rest.slice(match[0].length);
    const property = match[1]!.toLowerCase();
    const value = match[2]!.replaceAll("''", "'");
    if (property === "tagname") {
      tag = value;
      tests.push((resource) => tagOf(resource, value) !== undefined);
    } else if (property === "tagvalue") {
      if (tag === undefined) throw unsupported(filter);
      const name = tag;
      tests.push((resource) => tagOf(resource, name) === value);
    } else {
      const actual = properties[property];
      if (!actual) throw unsupported(filter);
      tests.push((resource) => actual(resource)?.toLowerCase() === value.toLowerCase());
    }
  }
  return (resource) => tests.every((test) => test(resource));
}

const properties: Record<string, (resource: Resource) => string | undefined> = {
  resourcetype: ({ type }) => type,
  name: ({ name }) => name,
  location: ({ location }) => location,
  resourcegroup: ({ id }) => id.split("/")[4],
};

function tagOf(resource: Resource, name: string): string | undefined {
  const found = Object.entries(resource.tags ?? {}).find(([tag]) => equalsIgnoringCase(tag, name));
  return found?.[1];
}

function unsupported(filter: string | null): ArmError {
  const message = `Invalid $filter '${filter ?? ""}' specified in the query string: resourceType, name, location, resourceGroup, tagName and tagValue can be compared with eq and joined by and.`;
  return new ArmError(400, "InvalidFilterInQueryString", message);
}
