import { conditions, meets, release } from "./versions";

/** Debian 12's, which the image can have also where no public registry is reached. */
const DEFAULT_MINOR = 11;
/** Minor versions of Python 3 with a public image, python:3.X-slim-bookworm. */
const MINORS = [8, 9, 10, 11, 12, 13, 14];

/**
 * The Python that meets conditions, nearest to the default: ">=3.8,<3.11" is "3.10". The image has its latest patch.
 * @param asked conditions as pip writes them, "" for any
 * @throws Error saying what can be asked for
 */
export function choosePython(asked: string): string {
  // A patch that is named exists, whatever the image has.
  const patches = [0, 99, ...conditions(asked).map(({ version }) => release(version)[2] ?? 0)];
  const possible = MINORS.filter((minor) => patches.some((patch) => meets([3, minor, patch], asked)));
  const nearest = possible.sort((a, b) => Math.abs(a - DEFAULT_MINOR) - Math.abs(b - DEFAULT_MINOR))[0];
  if (nearest === undefined)
    throw new Error(`the image can have Python 3.${MINORS[0]} to 3.${MINORS.at(-1)}: ask for one of these`);
  return `3.${nearest}`;
}
