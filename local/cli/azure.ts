import { containersOf, removeContainers, siteLabel } from "../azure/web/runtime/container.ts";
import { endConfined } from "../docker/confined.ts";
import { currentBackground, runningBackground, stopBackground } from "../process/background.ts";
import { removeBaseImage } from "../setup/base-image.ts";
import { dockerClient, findDockerDaemon } from "../setup/docker.ts";
import { cloneTag } from "../setup/prepare.ts";
import { describePlugins } from "../stack/plugins.ts";
import { deployedStacks, recordedScoringUrl, recordedSite } from "../stack/records.ts";
import { cacheDirectory, paths, stateDirectory } from "../system/clone.ts";
import { untilUnused, withCloneLock } from "./at-work.ts";
import type { Invocation } from "./invocation.ts";
import { openSession } from "./session.ts";

/** Starts local Azure where it does not run; what was deployed comes back with it. */
export async function start(invocation: Invocation): Promise<void> {
  await withCloneLock("start", invocation, async () => {
    const { azure } = await openSession(invocation.report);
    invocation.report(`Local Azure runs at ${azure.resourceManager} (process ${azure.pid}).`);
  });
}

/** Ends local Azure and its containers; where no stack is left, the base image's tag goes too. */
export async function stop(invocation: Invocation): Promise<void> {
  const { report } = invocation;
  await withCloneLock("stop", invocation, async () => {
    await untilUnused(report);
    report((await stopBackground()) ? "Local Azure has stopped." : "Local Azure was not running.");
    const stacks = await deployedStacks();
    const daemon = await findDockerDaemon(cacheDirectory);
    const docker = daemon && dockerClient(daemon);
    // A background process that was killed has left its containers.
    if (docker) await removeContainers(docker, stateDirectory);
    if (docker) await endConfined(docker, { clone: stateDirectory });
    if (stacks.length > 0) report(`${stacks.join(", ")} will be back with the next start.`);
    else if (docker) await removeBaseImage(docker, cloneTag(stateDirectory));
    if (daemon?.startedByUs) report("The Docker daemon that was started for it goes on running.");
  });
}

/** Says what runs here; starts nothing. */
export async function status({ print }: Invocation): Promise<void> {
  const running = await runningBackground();
  if (running) {
    print(`Local Azure: ${running.resourceManager} (process ${running.pid}, log ${paths.backgroundLog})`);
    if (!(await currentBackground())) print("It runs older code: the next command restarts it.");
  } else {
    print("Local Azure does not run: `npm run local -- start` starts it.");
  }
  print(`Plugins: ${await describePlugins()}.`);
  const stacks = await deployedStacks();
  if (stacks.length === 0) print("No stack is deployed.");
  const sites = stacks.length > 0 ? await sitesWithContainer(running?.options.dockerHost) : undefined;
  for (const name of stacks) {
    const site = (await recordedSite(name))?.split("/").at(-1);
    const container = sites?.has(site ?? "") ? "its container runs" : "no container runs";
    const url = (await recordedScoringUrl(name)) ?? "no scoring URL yet";
    print(`Stack ${name}: ${url} (${sites ? container : "no Docker daemon answers"})`);
  }
}

/** Names of the web apps whose container runs; undefined where no Docker daemon answers. */
async function sitesWithContainer(host: string | undefined): Promise<Set<string | undefined> | undefined> {
  try {
    const daemon = host ? { host } : await findDockerDaemon(cacheDirectory);
    if (!daemon) return undefined;
    const containers = await containersOf(dockerClient(daemon), stateDirectory);
    return new Set(
      containers.filter(({ State }) => State === "running").map(({ Labels }) => Labels[siteLabel]),
    );
  } catch {
    // Why not is said by the command that needs one.
    return undefined;
  }
}
