/** App Service in a process of its own, which a test can kill. Each message says what to run. */
import Dockerode from "dockerode";
import { appServiceRuntime } from "../../../../local/azure/web/runtime/runtime.ts";
import type { AppServiceRuntime, SiteSpec } from "../../../../local/azure/web/runtime/types.ts";

interface Options {
  tls: { key: string; cert: string };
  directory: string;
  clone: string;
  site: SiteSpec;
}

let runtime: AppServiceRuntime | undefined;

process.on("message", ({ tls, directory, clone, site }: Options) => {
  const log = (line: string) => console.error(line);
  const docker = new Dockerode();
  runtime ??= appServiceRuntime({ docker, tls, directory, clone, log, verifyToken: () => undefined });
  void runtime.apply(site).then(() => process.send!("applied"));
});
