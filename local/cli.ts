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
  for (const flag of ["json", "follow"] as const) {
    if (values[flag] && command.flag !== flag)
      throw new UsageError(`'${name}' has no option --${flag}.\n\n${help}`);
  }
  if (values.replace.length > 0 && name !== "up")
    throw new UsageError(`'${name}' has no option --replace.\n\n${help}`);
  if (values.model !== undefined && !["up", "preview"].includes(name))
    throw new UsageError(`'${name}' has no option --model.\n\n${help}`);
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
    model: values.model === undefined ? undefined : fromRepository(values.model),
    report: (line) => process.stderr.write(`${line}\n`),
    print: (line) => process.stdout.write(`${line}\n`),
  });
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
