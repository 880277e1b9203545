import type { Change } from "./changes.ts";

/** An image on the daemon. */
export interface ImageSize {
  id: string;
  /** Bytes. */
  size: number;
}

/** What a deployment of this tree would change. */
export interface Comparison {
  changes: Change[];
  /** The scoring image of the commit, and of this tree. */
  image: { before: ImageSize | null; after: ImageSize | null };
}

/** A line a resource, one a property below it, and the image. */
export function asText({ changes, image }: Comparison): string[] {
  const lines = [...byResource(changes)].flatMap(([urn, own]) => [
    `${own[0]!.op} ${nameOf(urn)}`,
    ...own.flatMap(({ property, old, new: now }) =>
      property === null ? [] : [`    ${property}: ${shown(old)} => ${shown(now)}`],
    ),
  ]);
  return [...(lines.length > 0 ? lines : ["Nothing changes."]), `Image: ${imageLine(image)}`];
}

/** For the summary of a job, or a comment. */
export function asMarkdown(comparison: Comparison, against: string): string {
  const { changes, image } = comparison;
  const rows = changes.map(({ urn, op, property, old, new: now }) => {
    const values = property === null ? ["", "", ""] : [property, shown(old), shown(now)];
    return `| ${[op, nameOf(urn), ...values].map(cell).join(" | ")} |`;
  });
  const table =
    rows.length > 0
      ? ["| | resource | property | old | new |", "| --- | --- | --- | --- | --- |", ...rows]
      : ["Nothing changes."];
  return [`### Changes against ${code(against)}`, "", ...table, "", `Image: ${imageLine(image)}`].join("\n");
}

function byResource(changes: readonly Change[]): Map<string, Change[]> {
  return Map.groupBy(changes, ({ urn }) => urn);
}

/** `type name` of a resource. */
export function nameOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${types.split("$").at(-1)} ${name.join("::")}`;
}

const shown = (value: unknown) => (value === null ? "(none)" : JSON.stringify(value));

const cell = (text: string) => (text === "" ? "" : code(text.replaceAll("|", "\\|")));

/** Delimited by more backticks than are in it. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : fence + text + fence;
}

function imageLine({ before, after }: Comparison["image"]): string {
  if (!before || !after) return `${before ? short(before) : "(none)"} => ${after ? short(after) : "(none)"}`;
  if (before.id === after.id) return `${short(before)}, as before`;
  const more = after.size - before.size;
  return `${short(before)} => ${short(after)} (${more < 0 ? "-" : "+"}${megabytes(Math.abs(more))})`;
}

const short = ({ id, size }: ImageSize) => `${id.replace("sha256:", "").slice(0, 12)} ${megabytes(size)}`;

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
