import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Clone, containersOf } from "./clone.ts";

const execute = promisify(execFile);

/** A place where a secret could be found: true where it holds one of these texts. */
export type Place = (texts: string[]) => Promise<boolean>;

/** Where a clone's secrets must not be, by name; taken now, but for the files. */
export async function searchablePlaces(clone: Clone): Promise<Record<string, Place>> {
  const image = (await clone.outputs()).imageReference ?? "";
  const exported = (await clone.shell("pulumi stack export")).stdout;
  const read = async (command: string, ...argv: string[]) =>
    (await execute(command, argv, { maxBuffer: 1 << 28 })).stdout;
  const texts = {
    "the exported state": exported,
    "what the commands have printed": clone.runs.map(({ stdout, stderr }) => stdout + stderr).join("\n"),
    "docker history of the image": await read("docker", "history", "--no-trunc", image),
    "docker inspect of the image": await read("docker", "inspect", image),
    "docker inspect of the containers": await read("docker", "inspect", ...(await containersOf(clone))),
    // A process may end while it is looked at.
    "the arguments of all processes": await read("bash", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null; true"),
  };
  const inText =
    (text: string): Place =>
    async (wanted) =>
      wanted.some((one) => text.includes(one));
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, inText(text)])),
    "the files under .local": (wanted) => inFiles(clone.file(".local"), wanted),
  };
}

/** Names of the places that hold one of these values, as it is or in a form that clients send it in. */
export async function placesWith(places: Record<string, Place>, values: string[]): Promise<string[]> {
  const texts = values.flatMap(forms);
  const held = await Promise.all(Object.values(places).map((place) => place(texts)));
  return Object.keys(places).filter((_, index) => held[index]);
}

/** A value as it is, in a URL, and in base64 of any text around it, as of `user:password` or of a JSON object. */
export function forms(value: string): string[] {
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // Six bits a character: those that hold bits of what is around the value are left out.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const inUrls = encoded.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([value, encodeURIComponent(value), ...encoded, ...inUrls])];
}

/** The texts are in no argument: another search might be looking there. */
async function inFiles(folder: string, texts: string[]): Promise<boolean> {
  const script = `grep -rqaF -f <(printf '%s' "$TEXTS") "$0"; echo $?`;
  const env = { ...process.env, TEXTS: texts.join("\n") };
  const status = Number((await execute("bash", ["-c", script, folder], { env })).stdout);
  // A file may go while it is looked for; what was found counts all the same.
  if (status > 1) throw new Error(`grep in ${folder} ended with ${status}.`);
  return status === 0;
}
