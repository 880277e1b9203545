import { ArmError, invalidRequestContent } from "./errors.ts";
import { repeatedName } from "./text.ts";

/**
 * The `tags` of a request's body; undefined when it has none.
 *
 * @throws ArmError (400) when they are not texts, or break Azure's rules for tags (Learn, "Use tags to organize your
 * Azure resources", limitations).
 */
export function tagsOf(body: unknown): Record<string, string> | undefined {
  const tags = (body as { tags?: unknown } | undefined)?.tags;
  if (tags === undefined || tags === null) return undefined;
  if (typeof tags !== "object" || Array.isArray(tags)) {
    throw invalidRequestContent("The property 'tags' is not a JSON object");
  }
  for (const [name, value] of Object.entries(tags)) {
    if (typeof value !== "string") {
      throw invalidRequestContent(`The value of the tag '${name}' is not a string`);
    }
  }
  checkTags(tags as Record<string, string>);
  return { ...(tags as Record<string, string>) };
}

function checkTags(tags: Record<string, string>): void {
  const names = Object.keys(tags);
  const list = (some: string[]) => some.map((one) => `'${one}'`).join(", ");
  if (names.length > 50) {
    const message = `A resource has at most 50 tags; the request has ${names.length}.`;
    throw new ArmError(400, "InvalidTags", message);
  }
  const again = repeatedName(names);
  // Inferred: Learn says only that the case of a tag's name does not count.
  if (again !== undefined) throw invalidRequestContent(`The tag '${again}' is there twice`);
  if (names.some((name) => name.trim() === "")) {
    throw new ArmError(400, "InvalidTagName", "The tag name must not be null, empty or white space.");
  }
  const odd = names.filter((name) => /[<>%&\\?/\p{Cc}]/u.test(name));
  if (odd.length > 0) {
    const message = `The tag names ${list(odd)} have reserved characters '<,>,%,&,\\,?,/' or control characters.`;
    throw new ArmError(400, "InvalidTagNameCharacters", message);
  }
  const long = names.filter((name) => name.length > 512);
  if (long.length > 0) {
    const message = `Tag key too large. Following tag name ${list(long)} exceeded the maximum length. Maximum allowed length for tag name - '512' characters.`;
    throw new ArmError(400, "InvalidTagName", message);
  }
  const longValues = Object.values(tags).filter((value) => value.length > 256);
  if (longValues.length > 0) {
    const message = `Tag value too large. Following tag value ${list(longValues)} exceeded the maximum length. Maximum allowed length for tag value - '256' characters.`;
    throw new ArmError(400, "InvalidTagValueLength", message);
  }
}
