import { createHmac } from "node:crypto";
import { ArmError } from "../../core/errors.ts";
import { type Claims, nowInSeconds, readJwt, signJwt } from "../../core/jwt.ts";
import type { ProviderContext } from "../../core/provider.ts";
import type { PasswordName, Registry } from "../model.ts";
import { adminPassword } from "../passwords.ts";
import { type Access, allows, grantedAccess } from "./access.ts";

/** The user name that goes with a refresh token as password. */
export const tokenUser = "00000000-0000-0000-0000-000000000000";

const issuer = "Azure Container Registry";
const refreshSeconds = 11_700;
const accessSeconds = 4_500;
/** Tokens for this resource are accepted beside those for the resource manager. */
const entraAudience = "https://containerregistry.azure.net";

/** Who was authenticated: the admin user by one of its passwords, or a principal of Microsoft Entra ID. */
export type Principal = { admin: PasswordName } | { entra: true };

/**
 * Says who may do what at one registry. It looks at the stored registry at each question, so that what is switched
 * off or regenerated is out of force at once, in tokens too.
 */
export class RegistryAuthority {
  readonly #key: Buffer;
  readonly #context: Pick<ProviderContext, "tokens" | "tenantId">;
  readonly #registry: () => Registry | undefined;

  /** @param registry - the registry as it is stored now; undefined once it is deleted. */
  constructor(context: ProviderContext, registry: () => Registry | undefined) {
    this.#key = context.deriveKey("registry tokens");
    this.#context = context;
    this.#registry = registry;
  }

  byPassword(user: string, password: string): Principal | undefined {
    const registry = this.#registry();
    if (!registry) return undefined;
    if (user === tokenUser) return this.byRefreshToken(password);
    const name = adminPassword(registry, user, password);
    return name && { admin: name };
  }

  byRefreshToken(token: string): Principal | undefined {
    const claims = this.#read(token, "refresh_token");
    return claims && { entra: true };
  }

  /** A refresh token for a token of Microsoft Entra ID's. @throws ArmError (401) when that one is not valid. */
  exchange(entraToken: string): string {
    const registry = this.#present();
    this.#context.tokens.verify(entraToken, [entraAudience]);
    return this.#sign(registry, refreshSeconds, {
      grant_type: "refresh_token",
      tenant: this.#context.tenantId,
      permissions: { actions: ["read", "write", "delete"] },
    });
  }

  /** An access token for what may be granted of `scopes`. */
  accessToken(principal: Principal, scopes: string[]): string {
    const registry = this.#present();
    const proof = "admin" in principal ? { credential: this.#fingerprint(registry, principal.admin) } : {};
    return this.#sign(registry, accessSeconds, {
      grant_type: "access_token",
      access: grantedAccess(scopes),
      ...proof,
    });
  }

  /** Whether an access token is valid, and goes as far as `required`. */
  judge(accessToken: string, required: Access[]): "allowed" | "invalid_token" | "insufficient_scope" {
    const claims = this.#read(accessToken, "access_token");
    const registry = this.#registry();
    if (!claims || !registry) return "invalid_token";
    if (claims.credential !== undefined && !this.#isInForce(registry, claims.credential))
      return "invalid_token";
    return allows(claims.access as Access[], required) ? "allowed" : "insufficient_scope";
  }

  #present(): Registry {
    const registry = this.#registry();
    if (!registry) throw new ArmError(401, "UNAUTHORIZED", "The registry is not there.");
    return registry;
  }

  #isInForce(registry: Registry, credential: unknown): boolean {
    const { adminUserEnabled } = registry.properties;
    const fingerprints = [this.#fingerprint(registry, "password"), this.#fingerprint(registry, "password2")];
    return adminUserEnabled && fingerprints.includes(credential as string);
  }

  #fingerprint({ properties }: Registry, name: PasswordName): string {
    return createHmac("sha256", this.#key)
      .update(`password ${properties.passwords[name]}`)
      .digest("base64url");
  }

  #sign({ properties }: Registry, seconds: number, claims: Claims): string {
    const now = nowInSeconds();
    const { loginServer: aud, generation: rid } = properties;
    const times = { iat: now, nbf: now - 300, exp: now + seconds };
    return signJwt({ iss: issuer, aud, version: "1.0", rid, ...times, ...claims }, this.#key);
  }

  #read(token: string, grantType: string): Claims | undefined {
    const claims = readJwt(token, this.#key);
    const properties = this.#registry()?.properties;
    const valid =
      claims?.iss === issuer &&
      claims.grant_type === grantType &&
      claims.aud === properties?.loginServer &&
      claims.rid === properties?.generation &&
      Number(claims.exp) > nowInSeconds();
    return valid ? claims : undefined;
  }
}
