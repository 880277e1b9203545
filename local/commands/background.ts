import Dockerode from "dockerode";
import { currentBackground, runningBackground, stopBackground } from "../background.ts";
import { paths } from "../clone.ts";
import { openSession } from "../session.ts";
import { deployedStacks } from "../stack.ts";
import { removeBaseImage } from "../toolchain/base-image.ts";
import { dockerDaemonStartedByUs, findDockerHost } from "../toolchain/docker.ts";
import type { Invocation } from "./index.ts";
import { locked } from "./locked.ts";

export async function start(invocation: Invocation): Promise<void> {
  await locked("start", invocation, async () => {
    const { azure } = await openSession(invocation.report);
    invocation.report(`Local Azure runs at ${azure.resourceManager} (process ${azure.pid}).`);
  });
}

/** Ends the background process and its containers; what it keeps for stacks that are no more goes too. */
export async function stop({ report, ...rest }: Invocation): Promise<void> {
  await locked("stop", { report, ...rest }, async () => {
    const stopped = await stopBackground();
    report(stopped ? "Local Azure has stopped." : "Local Azure was not running.");
  });
}

/** Says what runs here; starts nothing. */
export async function status({ print }: Invocation): Promise<void> {
  const running = await runningBackground();
  if (!running)
    print("Local Azure does not run. `npm run local -- start` starts it, `npm run local` deploys too.");
  else {
    print(`Local Azure:  ${running.resourceManager} (process ${running.pid}, log ${paths.backgroundLog})`);
    if (!(await currentBackground()))
      print("              It runs older code: the next command restarts it.");
  }
  const stacks = await deployedStacks();
  print(`Stacks:       ${stacks.join(", ") || "none is deployed"}`);
}
