/**
 * `npm run drift`: does Azure still have what was deployed? Exits non-zero where the stack that PULUMI_STACK names has
 * changed, or cannot be read. With GITHUB_TOKEN, an issue of the repository is open as long as that is so.
 */
import { useEnvironmentProxy } from "../local/net/proxy.mjs";
import { run } from "../local/system/command.ts";

interface Issue {
  number: number;
  title: string;
}

/** A stack, as `pulumi stack ls --json` has it. */
interface Listed {
  name: string;
  resourceCount?: number;
  /** Absent before the first, and during one. */
  lastUpdate?: string;
}

useEnvironmentProxy();
const { PULUMI_STACK = "", GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
const { GITHUB_API_URL = "https://api.github.com", GITHUB_SERVER_URL = "https://github.com" } = process.env;
const words = ["preview", "--refresh", "--expect-no-changes", "--diff"];
const { status, output } = (await isDeployed())
  ? await pulumi(...words)
  : { status: 0, output: `Nothing of stack ${PULUMI_STACK} is deployed: there is nothing to look at.\n` };
process.stdout.write(output);
process.exitCode = status ?? 1;
if (GITHUB_TOKEN)
  await tell(status !== 0).catch(({ message, cause }: Error) => {
    console.error(
      `The issue could not be brought up to date: ${(cause as Error | undefined)?.message || message}`,
    );
    process.exitCode ||= 1;
  });

function pulumi(...words: string[]) {
  return run("pulumi", [...words, "--non-interactive", "--color", "never"]);
}

/** False where the backend says that the stack is not there, or has nothing; what it cannot say, the preview will tell. */
async function isDeployed(): Promise<boolean> {
  const { status, stdout } = await pulumi("stack", "ls", "--json");
  if (status !== 0) return true;
  // Its organization is named where it is not the default one.
  const name = PULUMI_STACK.split("/").at(-1);
  const stacks = (JSON.parse(stdout) as Listed[]).filter((one) => one.name.split("/").at(-1) === name);
  return stacks.some(({ resourceCount, lastUpdate }) => (resourceCount ?? (lastUpdate ? 1 : 0)) > 0);
}

async function tell(differs: boolean): Promise<void> {
  const title = `Drift: ${PULUMI_STACK.split("/").at(-1)}`;
  const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
  const open = await github<Issue[]>("GET", "?labels=drift&state=open&per_page=100");
  const issue = open.find((one) => one.title === title);
  if (!differs) {
    if (!issue) return;
    await github("POST", `/${issue.number}/comments`, { body: `Azure has what was deployed again: ${run}` });
    await github("PATCH", `/${issue.number}`, { state: "closed" });
    return;
  }
  const remedy = "`pulumi up --refresh` puts back what docs/drift.md lists.";
  // Indented, the engine's words are no Markdown; an issue takes 65,536 characters.
  const shown = output.slice(-60_000).replace(/^/gm, "    ").slice(-64_000);
  const body = `${run} found a difference, or could not look. ${remedy}\n\n    …\n${shown}`;
  if (issue) await github("PATCH", `/${issue.number}`, { body });
  else await github("POST", "", { title, body, labels: ["drift"] });
}

/** A request about the repository's issues. */
async function github<T>(method: string, path: string, body?: object): Promise<T> {
  const url = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/issues${path}`;
  const headers = { authorization: `Bearer ${GITHUB_TOKEN}`, accept: "application/vnd.github+json" };
  const response = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
