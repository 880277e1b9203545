/** Versions by their release numbers alone, which is all that ranges of Python and azureml-* are about. */
export type Release = number[];

/** "1.57.0.post1" → [1, 57, 0]. */
export const release = (version: string): Release =>
  (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "").split(".").filter(Boolean).map(Number);

/** Negative where a is older than b; 1.2 and 1.2.0 are the same. */
export function compare(a: Release, b: Release): number {
  const length = Math.max(a.length, b.length);
  const places = Array.from({ length }, (_, index) => (a[index] ?? 0) - (b[index] ?? 0));
  return places.find((difference) => difference !== 0) ?? 0;
}

/** The conditions of "==3.9.*,!=3.9.1", each as operator, version and whether it ends in `.*`. */
export const conditions = (text: string) =>
  [...text.matchAll(/(===?|>=|<=|!=|~=|<|>)\s*([^\s,;*=<>!~]+?)(\.\*)?(?=[\s,;]|$)/g)].map(
    ([, operator = "", version = "", star]) => ({ operator, version, prefix: star !== undefined }),
  );

/**
 * Whether a version meets conditions as pip writes them.
 * https://packaging.python.org/en/latest/specifications/version-specifiers/
 */
export function meets(version: Release, text: string): boolean {
  return conditions(text).every(({ operator, version: named, prefix }) => {
    const other = release(named);
    const order = compare(version, other);
    const begins = compare(version.slice(0, other.length), other) === 0;
    switch (operator) {
      case ">=":
        return order >= 0;
      case "<=":
        return order <= 0;
      case ">":
        return order > 0;
      case "<":
        return order < 0;
      case "!=":
        return prefix ? !begins : order !== 0;
      case "~=":
        return order >= 0 && compare(version.slice(0, other.length - 1), other.slice(0, -1)) === 0;
      default:
        return prefix ? begins : order === 0;
    }
  });
}
