import { start, status, stop } from "./azure.ts";
import { destroy, preview, refresh } from "./engine-commands.ts";
import { env } from "./env.ts";
import type { Invocation } from "./invocation.ts";
import { logs } from "./logs.ts";
import { outputs } from "./outputs.ts";
import { up } from "./up.ts";

export interface Command {
  summary: string;
  /** Options that not every command takes. */
  options?: string[];
  /** It is about local Azure, whichever stacks there are: the one of --stack need not have a settings file. */
  anyStack?: true;
  /** Rejects with what the person is to read; the process then ends non-zero. */
  run: (invocation: Invocation) => Promise<void>;
}

const ofModel = ["model", "entry-script", "model-folder"];

export const commands: Record<string, Command> = {
  up: {
    summary: "deploy the stack to local Azure and score with it (the default)",
    options: [...ofModel, "replace"],
    run: up,
  },
  preview: {
    summary: "show what `up` would change",
    options: [...ofModel, "against", "json", "markdown", "allow-replace"],
    run: preview,
  },
  refresh: { summary: "compare the stack with what local Azure has, and take that over", run: refresh },
  destroy: { summary: "delete everything that the stack has, and the stack", run: destroy },
  outputs: { summary: "print the stack's outputs", options: ["json"], run: outputs },
  logs: { summary: "print the web app's log", options: ["follow"], run: logs },
  status: { summary: "say what runs here", anyStack: true, run: status },
  start: { summary: "start local Azure and what is deployed on it", anyStack: true, run: start },
  stop: {
    summary: "end local Azure and its containers; what is deployed comes back with start",
    anyStack: true,
    run: stop,
  },
  env: { summary: "print variables for a shell, so that pulumi, az and curl reach local Azure", run: env },
};

export const help = `Usage: npm run local -- [COMMAND] [--stack NAME]

Commands:
${Object.entries(commands)
  .map(([name, { summary, options = [] }]) => {
    const [only, ...more] = options;
    return `  ${(only && more.length === 0 ? `${name} [--${only}]` : name).padEnd(18)} ${summary}`;
  })
  .join("\n")}
  help               print this

Options:
  -s, --stack NAME   a stack that has a file Pulumi.NAME.yaml (default: dev)
  --model FOLDER     of \`up\` and \`preview\`: deploy this model, this once, instead of the one that the stack's file names;
                     --entry-script FILE and --model-folder FOLDER: what the settings of these names say of it
  --against REF      of \`preview\`: deploy that commit in a stack of its own and show what this tree would change of it;
                     --json or --markdown says how, --allow-replace that what holds data may be replaced or deleted
  --replace URN      of \`up\`: make the image or random value that has this URN, or a pattern such as '**:Image::*', anew
  --plugins WHOSE    published: Pulumi's own, installed or downloaded; stand-in: this repository's. It is
                     remembered (default: published where they are installed)
`;
