/** `npm run preflight -- --stack S`: is everything there for a `pulumi up` on Azure? Tells all that is not, with what mends it. */
import { parseArgs } from "node:util";
import { useEnvironmentProxy } from "../local/net/proxy.mjs";
import { isStackName, projectName, readProjectFile, stackProblem } from "../local/stack/project.ts";
import { Azure } from "./preflight/azure.ts";
import { type Fault, machine, type Settings, subscription } from "./preflight/checks.ts";

useEnvironmentProxy();
const stack = given();
const problem = await stackProblem(stack);
const faults = problem
  ? [
      {
        what: problem,
        mend: isStackName(stack)
          ? `pulumi stack init ${stack} && pulumi config set --stack ${stack} azure-native:location westeurope`
          : "npm run preflight -- --stack dev # or another name",
      },
    ]
  : await all();
for (const { what, mend } of faults) console.error(`${what}\n    ${mend}`);
if (faults.length === 0) console.log(`Everything is there: \`pulumi up --stack ${stack}\``);
process.exitCode = faults.length === 0 ? 0 : 1;

function given(): string {
  try {
    return parseArgs({ options: { stack: { type: "string", short: "s", default: "dev" } } }).values.stack;
  } catch (error) {
    console.error(`${(error as Error).message}\nUsage: npm run preflight -- [--stack NAME]`);
    process.exit(2);
  }
}

async function all(): Promise<Fault[]> {
  const settings = await readSettings();
  return (await Promise.all([azure(settings), machine()])).flat();
}

async function azure(settings: Settings): Promise<Fault[]> {
  let account: Azure;
  try {
    account = await Azure.signIn(process.env);
  } catch (error) {
    return [{ what: `Azure does not let you in: ${(error as Error).message}`, mend: "az login" }];
  }
  try {
    return await subscription(account, settings);
  } catch (error) {
    const mend = `npm run preflight -- --stack ${stack} # again, where it can be reached`;
    return [{ what: (error as Error).message, mend }];
  }
}

/** Keys stand with the project's name before them or without. */
async function readSettings(): Promise<Settings> {
  const project = await projectName();
  const { config = {} } = await readProjectFile(`Pulumi.${stack}.yaml`);
  const of = (key: string) => config[key] ?? config[`${project}:${key}`];
  const [webAppName, registryName] = [of("webAppName"), of("registryName")];
  return { project, stack, webAppName, registryName, resourceGroupName: of("resourceGroupName") };
}
