import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import Docker from "dockerode";
import { buildProxies } from "../../local/net/proxy.mjs";
import { AzureNativePlugin } from "../../local/plugins/azure-native/plugin.ts";
import { dockerPlugin } from "../../local/plugins/docker/plugin.ts";
import type { EngineLog, Plugin } from "../../local/plugins/plugin.ts";
import { servePlugin } from "../../local/plugins/plugin-server.ts";
import { randomPlugin } from "../../local/plugins/random/plugin.ts";
import type { Clone } from "./clone.ts";

/** `create TYPE NAME`, `delete TYPE NAME`: a step has begun; with `, done` Azure has done it, and the engine does not know yet. */
export type Step = string;

/** The engine of a clone, with plugins that know at which step it is, and wait there while it is killed. */
export class CrashingEngine {
  readonly #clone: Clone;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #servers: { close(): Promise<void> }[] = [];
  /** Told by the plugins; answers when the engine may hear of it. */
  #at: (step: Step) => Promise<void> = async () => {};
  /** Calls of plugins under way. */
  #calls = 0;

  private constructor(clone: Clone, environment: NodeJS.ProcessEnv) {
    this.#clone = clone;
    this.#environment = environment;
  }

  /**
   * @param clone - has stack dev, and a copy of its settings.
   * @param environment - of the clone.
   */
  static async of(clone: Clone, environment: NodeJS.ProcessEnv): Promise<CrashingEngine> {
    const made = new CrashingEngine(clone, { ...environment });
    const access = JSON.parse(await readFile(clone.file(".local/background.json"), "utf8"));
    const azure = { ...access, ca: await readFile(access.caFile, "utf8") };
    const docker = {
      docker: new Docker(),
      projectDirectory: clone.folder,
      buildProxies: buildProxies(process.env),
    };
    const plugins: Record<string, (engine: EngineLog) => Plugin> = {
      "azure-native": (engine) => new AzureNativePlugin(azure, engine),
      docker: (engine) => dockerPlugin(docker, engine),
      random: () => randomPlugin(),
    };
    const attached: string[] = [];
    for (const [name, create] of Object.entries(plugins)) {
      const version = JSON.parse(await readFile(`node_modules/@pulumi/${name}/package.json`, "utf8")).version;
      const watched = (engine: EngineLog) => made.#watched(create(engine));
      const server = await servePlugin({ name, version, port: 0, create: watched, log: () => {} });
      made.#servers.push(server);
      attached.push(`${name}:${server.port}`);
    }
    made.#environment.PULUMI_DEBUG_PROVIDERS = attached.join(",");
    return made;
  }

  /**
   * Runs `up` or `destroy`.
   *
   * @param last - the step at which the engine is killed; without it, or where it does not come, the engine ends by itself.
   * @returns the steps that came, and whether the engine was killed.
   */
  async run(
    command: "up" | "destroy",
    last?: Step,
  ): Promise<{ steps: Step[]; killed: boolean; status: number | null }> {
    const file = this.#clone.file(".local/pulumi/stacks/Pulumi.dev.yaml");
    const words = [
      "--yes",
      "--skip-preview",
      "--json",
      "--non-interactive",
      "--stack",
      "dev",
      "--config-file",
      file,
    ];
    const child = spawn(this.#clone.file(".local/pulumi/engine/bin/pulumi"), [command, ...words], {
      cwd: this.#clone.folder,
      env: this.#environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    const steps: Step[] = [];
    const at = (step: Step) => {
      if (!steps.includes(step)) steps.push(step);
      if (step === last) child.kill("SIGKILL");
    };
    this.#at = async (step) => {
      at(step);
      if (step !== last) return;
      await ended;
      throw new Error("The engine was killed.");
    };
    createInterface(child.stdout).on("line", (line) => {
      for (const step of stepsIn(JSON.parse(line))) at(step);
    });
    const [status, signal] = await ended;
    // What was asked of Azure goes on without the engine.
    while (this.#calls > 0) await delay(50);
    return { steps, killed: signal === "SIGKILL", status };
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  #watched(plugin: Plugin): Plugin {
    const watch =
      <Request extends { urn: string; preview?: boolean }, Answer>(
        operation: string,
        work: (request: Request) => Promise<Answer>,
      ) =>
      async (request: Request): Promise<Answer> => {
        this.#calls++;
        try {
          await this.#at(stepOf(operation, request.urn));
          const answer = await work(request);
          await this.#at(`${stepOf(operation, request.urn)}, done`);
          return answer;
        } finally {
          this.#calls--;
        }
      };
    const create = watch("create", plugin.create.bind(plugin));
    const remove = watch("delete", plugin.delete.bind(plugin));
    return new Proxy(plugin, {
      get(target, key) {
        if (key === "create") return create;
        if (key === "delete") return remove;
        const member = Reflect.get(target, key);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
  }
}

/** What one of the engine's events says of steps. */
function stepsIn(event: {
  resourcePreEvent?: { metadata: { op: string; urn: string } };
  diagnosticEvent?: { message: string };
}): Step[] {
  const { op = "", urn = "" } = event.resourcePreEvent?.metadata ?? {};
  if (["create", "delete"].includes(op)) return [stepOf(op, urn)];
  return event.diagnosticEvent?.message.includes("Waiting for revision") ? ["wait for the revision"] : [];
}

function stepOf(operation: string, urn: string): Step {
  const [, , types = "", name] = urn.split("::");
  return `${operation} ${types.split("$").at(-1)} ${name}`;
}
