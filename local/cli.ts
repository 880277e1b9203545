/** `npm run local -- COMMAND`: parses the words, runs the command, turns what goes wrong into one message. */
import { flushCompileCache } from "node:module";
import { parseArgs } from "node:util";
import { commands, help } from "./cli/commands.ts";
import { useEnvironmentProxy } from "./net/proxy.mjs";
import { fromRepository } from "./stack/model-folder.ts";
import { pluginChoices, rememberPlugins } from "./stack/plugins.ts";
import { stackProblem } from "./stack/project.ts";

/** A mistake in the words of the command line. */
class UsageError extends Error {}

async function main(argv: string[]): Promise<void> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    const [word = ""] = argv;
    if (/^\w/.test(word) && word !== "help" && !Object.hasOwn(commands, word))
      throw new UsageError(`There is no command '${word}'.\n\n${help}`);
    throw new UsageError(
      `${mistake(error as NodeJS.ErrnoException)} \`npm run local -- help\` prints what there is.`,
    );
  }
  const { values, positionals } = parsed;
  const [name = "up", ...rest] = positionals;
  if (values.help || name === "help") {
    process.stdout.write(help);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command '${name}'.\n\n${help}`);
  if (rest.length > 0) throw new UsageError(`'${name}' takes no argument '${rest.join(" ")}'.\n\n${help}`);
  const special = new Set(Object.values(commands).flatMap(({ options = [] }) => options));
  const stranger = [...special].find(
    (option) => isGiven(values, option) && !command.options?.includes(option),
  );
  if (stranger) throw new UsageError(`'${name}' has no option --${stranger}.\n\n${help}`);
  if (values.against === undefined && name === "preview") {
    const lone = ["json", "markdown", "allow-replace"].find((option) => isGiven(values, option));
    if (lone) throw new UsageError(`--${lone} of 'preview' goes with --against.\n\n${help}`);
  }
  const ofModel = ["entry-script", "model-folder"].find((option) => isGiven(values, option));
  if (ofModel && values.model === undefined)
    throw new UsageError(`--${ofModel} goes with --model.\n\n${help}`);
  if (values.json && values.markdown) throw new UsageError("--json and --markdown: name one of them.");
  const problem = command.anyStack ? undefined : await stackProblem(values.stack);
  if (problem) throw new UsageError(problem);
  const plugins = pluginChoices.find((choice) => choice === values.plugins);
  if (values.plugins !== undefined && !plugins)
    throw new UsageError(`Option --plugins takes ${pluginChoices.join(" or ")}, not '${values.plugins}'.`);
  if (plugins) await rememberPlugins(plugins);
  await command.run({
    stack: values.stack,
    json: values.json,
    follow: values.follow,
    replace: values.replace,
    against: values.against,
    markdown: values.markdown,
    allowReplace: values["allow-replace"],
    model: values.model === undefined ? undefined : givenModel(values.model, values),
    report: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
  });
}

const givenModel = (
  folder: string,
  { "entry-script": entryScript = "", "model-folder": modelFolder = "" }: ReturnType<typeof parse>["values"],
) => ({ model: fromRepository(folder), entryScript, modelFolder });

function isGiven(values: object, option: string): boolean {
  const value = (values as Record<string, unknown>)[option];
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false;
}

function parse(argv: string[]) {
  return parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      stack: { type: "string", short: "s", default: "dev" },
      plugins: { type: "string" },
      json: { type: "boolean", default: false },
      follow: { type: "boolean", short: "f", default: false },
      replace: { type: "string", multiple: true, default: [] },
      model: { type: "string" },
      "entry-script": { type: "string" },
      "model-folder": { type: "string" },
      against: { type: "string" },
      markdown: { type: "boolean", default: false },
      "allow-replace": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
}

/** What is wrong with an option, in one sentence: Node's own goes on about arguments that begin with a dash. */
function mistake({ code, message }: NodeJS.ErrnoException): string {
  // Quoted by Node with its short form and its value: '-s, --stack <value>'.
  const option = /'(?:-\w, )?(--?[^' ]+)/.exec(message)?.[1];
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `There is no option ${option}.`;
  if (code !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") return message;
  return `Option ${option} ${message.includes("does not take") ? "takes no value" : "needs a value"}.`;
}

// Now, and not at the process's end, when it would be deaf to the second SIGINT that npm passes on after Ctrl-C.
flushCompileCache();

// Who reads along may have enough, as `head` has; the command still does its work.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

useEnvironmentProxy();
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** What a person can use: the message; where an error was not foreseen, its stack too. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const unforeseen =
    error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return unforeseen ? (error.stack ?? error.message) : error.message;
}
