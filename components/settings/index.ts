import type { ScoringServiceArgs } from "../service";
import { hostingSettings } from "./hosting";
import { imageSettings } from "./image";
import { type Raw, Reader } from "./reader";
import { releaseSettings } from "./release";
import { resourceGroupSettings } from "./resource-group";

/**
 * Reads the stack's configuration: a group of settings a capability. Defaults and descriptions are in Pulumi.yaml.
 * @param raw as `pulumi.runtime.allConfig()` gives it: Pulumi.Config would warn of a secret app setting although it is only
 *   read to be marked secret
 * @throws pulumi.RunError naming every wrong setting with its value and the remedy
 */
export function readSettings(raw: Raw, project: string): ScoringServiceArgs {
  const reader = new Reader(raw, project);
  const settings = {
    hosting: hostingSettings(reader),
    ...resourceGroupSettings(reader),
    image: imageSettings(reader),
    release: releaseSettings(reader),
  };
  reader.finish();
  return settings;
}
