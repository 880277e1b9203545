import type { Resource } from "../core/types.ts";

export const registryType = "Microsoft.ContainerRegistry/registries";

export const passwordNames = ["password", "password2"] as const;
export type PasswordName = (typeof passwordNames)[number];

/** What the store keeps in a registry's `properties`. */
export interface RegistryProperties extends Record<string, unknown> {
  /** `localhost:PORT`. */
  loginServer: string;
  provisioningState: "Creating" | "Succeeded" | "Failed";
  adminUserEnabled: boolean;
  passwords: Record<PasswordName, string>;
  /** Tells this registry from an earlier one of the same name. */
  generation: string;
  /** ISO times. */
  creationDate: string;
  lastModified: string;
}

export type Registry = Resource & { properties: RegistryProperties };
