import { findOnPath } from "../../local/system/command.ts";

/** How a port's owner is told (a pattern) where this process holds the port: as far as the machine has `ss` for it. */
export const thisProcess = findOnPath("ss") ? `.+ \\(process ${process.pid}\\)` : "another process";
