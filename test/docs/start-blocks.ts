import { readFileSync } from "node:fs";

/** The blocks of docs/start.md: those that local Azure can run, and the others. */
export function startBlocks(): { local: string[]; others: string[] } {
  const text = readFileSync("docs/start.md", "utf8");
  const blocks = [...text.matchAll(/^```(sh(?: local)?)\n([\s\S]*?)^```$/gm)];
  const of = (info: string) => blocks.filter(([, kind]) => kind === info).map(([, , code]) => code!);
  return { local: of("sh local"), others: of("sh") };
}
