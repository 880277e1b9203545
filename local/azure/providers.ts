import { authorization } from "./authorization/provider.ts";
import { containerRegistry } from "./container-registry/provider.ts";
import type { ProviderFactory } from "./core/provider.ts";
import { resources } from "./resources/provider.ts";
import { web } from "./web/provider.ts";

/**
 * All resource providers, in the order in which they start: web apps pull from registries, and what the deletion of a
 * group removes must have started. They are stopped, and a group's resources deleted, in the opposite order.
 */
export const providers: readonly ProviderFactory[] = [containerRegistry, web(), authorization, resources];
