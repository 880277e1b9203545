import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { repository } from "../system/clone.ts";

/**
 * What Pulumi.yaml or a stack's file says.
 *
 * @param folder - where the project is, if not here.
 * @throws Error naming the file, and the line where it is no YAML.
 */
// biome-ignore lint/suspicious/noExplicitAny: the engine checks what is in it.
export async function readProjectFile(name: string, folder = repository): Promise<any> {
  const text = await readFile(join(folder, name), "utf8");
  try {
    const content = parse(text) ?? {};
    // Aliases may make circles.
    JSON.stringify(content);
    return content;
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos : undefined;
    const place = at ? `, line ${at[0].line}` : "";
    // The message goes on with the place and the line's text.
    throw new Error(`${name}${place} is not YAML: ${(error as Error).message.split(/ at line |:?\n/)[0]}.`);
  }
}

/** Name of the Pulumi project. */
export async function projectName(): Promise<string> {
  return (await readProjectFile("Pulumi.yaml")).name;
}

/** What Pulumi takes for a stack's name, see its `tokens.ParseStackName`. */
export const isStackName = (name: string) => /^[A-Za-z0-9_.-]{1,100}$/.test(name);

/** Name of the stack that a commit is deployed in, to be compared with. */
export const againstStack = (stack: string) => `${stack}-against`;

/** Names of the stacks that have a settings file here: Pulumi.NAME.yaml. */
export async function knownStacks(): Promise<string[]> {
  return (await settingsFiles()).filter(isStackName);
}

/** Why there can be no stack of this name here, as a sentence for a person; undefined where there can. */
export async function stackProblem(name: string): Promise<string | undefined> {
  const files = await settingsFiles();
  if (!isStackName(name)) {
    const rename = files.includes(name) ? ` Rename Pulumi.${name}.yaml.` : "";
    return `Pulumi takes no stack named '${name}': a name has 1 to 100 letters, digits, hyphens, underscores and periods.${rename}`;
  }
  const compared = files.find((file) => againstStack(file) === name);
  if (compared !== undefined && files.includes(name))
    return `'${name}' is the stack that \`preview --against --stack ${compared}\` deploys a commit in: rename Pulumi.${name}.yaml.`;
  if (files.includes(name)) return undefined;
  const others = await knownStacks();
  const have = others.length === 1 ? "has" : "have";
  const there = others.length > 0 ? `: ${others.join(", ")} ${have} a settings file` : "";
  return `There is no stack '${name}' here${there}. Write Pulumi.${name}.yaml to add one.`;
}

async function settingsFiles(): Promise<string[]> {
  const files = await readdir(repository);
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}
