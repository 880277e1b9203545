import { readdirSync, readFileSync } from "node:fs";

/** What the kernel tells of a process (proc(5), stat). */
export interface ProcessStat {
  pid: number;
  /** Z: it has ended, and waits for whoever has to take note of it. */
  state: string;
  group: number;
  session: number;
}

/** All processes of this machine. */
export const processes = (): ProcessStat[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state = "", , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [{ pid: Number(name), state, group: Number(group), session: Number(session) }];
      } catch {
        // It has gone meanwhile.
        return [];
      }
    });
