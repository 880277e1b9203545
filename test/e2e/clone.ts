import { execFile, spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const repository = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const modules = join(repository, "node_modules");
const execute = promisify(execFile);

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A clone of this working tree in a folder of its own, which a test may edit and deploy from. */
export class Clone {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Copies what git would commit, and node_modules. */
  static async create(): Promise<Clone> {
    const folder = await mkdtemp(join(tmpdir(), "clone-"));
    const listed = await execute("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
      cwd: repository,
    });
    for (const file of listed.stdout.split("\0").filter(Boolean)) {
      // A file deleted in the working tree is still listed.
      await cp(join(repository, file), join(folder, file)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
    }
    // Hard links where the file system can: a copy, so that an `npm ci` in the clone leaves this checkout alone.
    await execute("cp", ["-al", modules, folder]).catch(() => execute("cp", ["-a", modules, folder]));
    await execute("git", ["init", "-q"], { cwd: folder });
    await execute("git", ["add", "-A", "."], { cwd: folder });
    await execute("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "clone"], {
      cwd: folder,
    });
    return new Clone(folder);
  }

  /** `npm run -s local -- ARGUMENTS`, waited for. */
  local(...argv: string[]): Promise<Result> {
    return this.run("npm", ["run", "-s", "local", "--", ...argv]);
  }

  /** The same, which must succeed. */
  async succeed(...argv: string[]): Promise<Result> {
    const result = await this.local(...argv);
    if (result.status !== 0) {
      throw new Error(
        `npm run local -- ${argv.join(" ")}: exit code ${result.status}\n${result.stdout}\n${result.stderr}`,
      );
    }
    return result;
  }

  run(command: string, argv: string[], environment: NodeJS.ProcessEnv = process.env): Promise<Result> {
    const child = spawn(command, argv, {
      cwd: this.folder,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const result = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (result.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, ...result }));
    });
  }

  /** A command in a shell that has evaluated `npm run -s local -- env`. */
  shell(script: string): Promise<Result> {
    return this.run("bash", ["-c", `eval "$(npm run -s local -- env)" && ${script}`]);
  }

  /** The variables of `env`. */
  async environment(): Promise<Record<string, string>> {
    const { stdout } = await this.shell("env -0");
    return Object.fromEntries(stdout.split("\0").flatMap((line) => (line ? [split(line)] : [])));
  }

  async outputs(): Promise<Record<string, string>> {
    return JSON.parse((await this.succeed("outputs", "--json")).stdout) as Record<string, string>;
  }

  file(path: string): string {
    return join(this.folder, path);
  }

  /** Destroys the stack, stops local Azure and removes the folder. */
  async dispose(): Promise<void> {
    await this.succeed("destroy").catch(() => undefined);
    await this.succeed("stop");
    await rm(this.folder, { recursive: true });
  }
}

function split(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** A client of a clone's local Azure Resource Manager: plain HTTPS with a token of its managed identity. */
export class ResourceManager {
  readonly #environment: Record<string, string>;

  private constructor(environment: Record<string, string>) {
    this.#environment = environment;
  }

  static async of(clone: Clone): Promise<ResourceManager> {
    const environment = await clone.environment();
    const bundle = await readFile(environment.SSL_CERT_FILE ?? "", "utf8");
    const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    setDefaultCACertificates([...getCACertificates("default"), ...certificates]);
    return new ResourceManager(environment);
  }

  /** Sends a request for a path below the resource group's providers, e.g. `Microsoft.Web/sites/x`. */
  async send(method: string, group: string, path: string, body?: unknown, query = ""): Promise<Response> {
    const { ARM_ENDPOINT, ARM_SUBSCRIPTION_ID, IDENTITY_ENDPOINT, IDENTITY_HEADER } = this.#environment;
    const identity = await fetch(`${IDENTITY_ENDPOINT}?resource=${ARM_ENDPOINT}/&api-version=2019-08-01`, {
      headers: { "x-identity-header": IDENTITY_HEADER ?? "" },
    });
    const { access_token } = (await identity.json()) as { access_token: string };
    const response = await fetch(
      `${ARM_ENDPOINT}/subscriptions/${ARM_SUBSCRIPTION_ID}/resourceGroups/${group}/providers/${path}?api-version=2025-05-01${query}`,
      {
        method,
        headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      },
    );
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}

/** Containers of a clone's web apps: id and state, running or not. */
export async function containersOf(clone: Clone): Promise<string[]> {
  const filter = `label=azure-ml-scoring.clone=${clone.file(".local")}`;
  const { stdout } = await execute("docker", ["ps", "-aq", "--no-trunc", "--filter", filter]);
  return stdout.split("\n").filter(Boolean);
}
