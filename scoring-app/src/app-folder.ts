import { fileURLToPath } from "node:url";

/** A file of the app, beside `src` and `dist`. The build puts this module's code into a file of `dist`, one level down as here. */
export const inAppFolder = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
