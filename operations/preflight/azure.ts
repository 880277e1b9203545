import { ManagedIdentity } from "../../local/arm-client/managed-identity.ts";
import { run } from "../../local/system/command.ts";

/** An answer of the resource manager. */
export interface Answer<T> {
  status: number;
  body: T & { error?: { code: string; message: string } };
}

/** The resource manager as who will deploy: signed in with az, or as the managed identity that the environment names. */
export class Azure {
  readonly subscription: string;
  readonly #url: string;
  readonly #token: string;

  private constructor(subscription: string, url: string, token: string) {
    this.subscription = subscription;
    this.#url = url;
    this.#token = token;
  }

  /** @throws Error in one sentence where nobody is signed in. */
  static async signIn(environment: NodeJS.ProcessEnv): Promise<Azure> {
    const { ARM_ENDPOINT, ARM_SUBSCRIPTION_ID, IDENTITY_ENDPOINT } = environment;
    const url = (ARM_ENDPOINT || "https://management.azure.com").replace(/\/$/, "");
    const token = IDENTITY_ENDPOINT ? await identityToken(environment, url) : await azToken(url);
    const subscription = ARM_SUBSCRIPTION_ID || (await az("account", "show", "--query", "id"));
    return new Azure(subscription, url, token);
  }

  /**
   * @param path below the subscription
   * @throws Error in one sentence where nothing answers, or something else than the resource manager
   */
  async ask<T>(path: string, version: string, body?: object): Promise<Answer<T>> {
    const query = `${path.includes("?") ? "&" : "?"}api-version=${version}`;
    const headers = { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
    const url = `${this.#url}/subscriptions/${this.subscription}${path}${query}`;
    const post = body && { method: "POST", body: JSON.stringify(body) };
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000), ...post });
      return { status: response.status, body: (await response.json()) as Answer<T>["body"] };
    } catch (error) {
      const cause = (error as Error).cause as { message?: string; code?: string } | undefined;
      const reason = cause?.message || cause?.code || (error as Error).message;
      throw new Error(`${this.#url} does not answer as Azure does (${reason})`, { cause: error });
    }
  }
}

const azToken = (url: string) =>
  az("account", "get-access-token", "--resource", `${url}/`, "--query", "accessToken");

async function az(...words: string[]): Promise<string> {
  const { status, stdout, output } = await run("az", [...words, "-o", "tsv"]);
  if (status === 0) return stdout.trim();
  throw new Error(output.trim().split("\n")[0] || "az printed nothing");
}

function identityToken(
  { IDENTITY_ENDPOINT = "", IDENTITY_HEADER = "" }: NodeJS.ProcessEnv,
  resource: string,
) {
  const options = { identityEndpoint: IDENTITY_ENDPOINT, identityHeader: IDENTITY_HEADER };
  return new ManagedIdentity(options).token(resource);
}
