export interface IdentityOptions {
  /** IDENTITY_ENDPOINT of App Service's managed identity, http://127.0.0.1:PORT/… */
  identityEndpoint: string;
  identityHeader: string;
}

/** Tokens of the managed identity, kept until shortly before they expire. */
export class ManagedIdentity {
  readonly #options: IdentityOptions;
  readonly #tokens = new Map<string, { value: string; expiresOn: number }>();

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /**
   * @param resource - audience, e.g. the resource manager's address.
   * @param fresh - asks even where a kept token has not expired.
   */
  async token(resource: string, fresh = false): Promise<string> {
    const kept = this.#tokens.get(resource);
    const fiveMinutes = 300;
    if (kept && !fresh && kept.expiresOn - fiveMinutes > Date.now() / 1000) return kept.value;
    const query = new URLSearchParams({ resource, "api-version": "2019-08-01" });
    const response = await fetch(`${this.#options.identityEndpoint}?${query}`, {
      headers: { "X-IDENTITY-HEADER": this.#options.identityHeader },
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(
        `ManagedIdentityCredential: the identity endpoint answered ${response.status}: ${text}`,
      );
    const { access_token, expires_on } = JSON.parse(text) as { access_token: string; expires_on: string };
    this.#tokens.set(resource, { value: access_token, expiresOn: Number(expires_on) });
    return access_token;
  }
}

/** Members of a token's payload; the token is the caller's own, so its signature is not checked here. */
export function claimsOf(token: string): Record<string, string> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}
