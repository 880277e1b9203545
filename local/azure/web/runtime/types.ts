/** What Microsoft.Web's control plane (../web) asks of the part that runs containers, and what that tells it. */

/** The desired state of one web app, whole: derived from its stored resource at each change. */
export interface SiteSpec {
  /** Site name; unique. */
  name: string;
  /** ARM id of the site. */
  id: string;
  resourceGroup: string;
  subscriptionId: string;
  /** Normalized, e.g. `westeurope`. */
  location: string;
  /** The plan's, e.g. `B1`, `Basic` and `Dedicated`. */
  sku: { name: string; tier: string; computeMode: string };
  /** Port on localhost of the site's front end (HTTPS; plain HTTP on the same port is redirected or served). */
  port: number;
  /** Port on localhost of its SCM host (log stream). */
  scmPort: number;
  /** `DOCKER|host/repository@sha256:…`; empty: nothing runs. */
  linuxFxVersion: string;
  /** All app settings, the DOCKER_REGISTRY_SERVER_* of the pull and the WEBSITES_* of the platform among them. */
  appSettings: Record<string, string>;
  appCommandLine: string;
  /** False: stopped; the front end answers 403 and no container runs. */
  enabled: boolean;
  httpsOnly: boolean;
  /** `1.2` or `1.3`; lower values are served as 1.2. */
  minTlsVersion: string;
  http20Enabled: boolean;
  clientAffinityEnabled: boolean;
  alwaysOn: boolean;
  /** Path starting with `/`; empty: no health check. */
  healthCheckPath: string;
  /** Container logging (config/logs httpLogs.fileSystem.enabled or siteConfig.httpLoggingEnabled). */
  containerLogging: boolean;
  /** Publishing user and password, for basic auth at the SCM host. */
  publishing: { user: string; password: string; basicAuthAllowed: boolean };
}

/** One call at a time, as a provider's writes come. */
export interface AppServiceRuntime {
  /**
   * Brings the site to `spec`. What concerns the container (image, settings, command) starts a new container beside
   * the old one, which is retired when the new one answers; what concerns the front end applies at once. Returns
   * when the front end listens and the new start is under way: never waits for the container.
   */
  apply(spec: SiteSpec): Promise<void>;
  /** Starts a new container from the current spec (with a pull), as a restart does. */
  restart(name: string): Promise<void>;
  /** Ends front end and containers, removes the images that it pulled and the log files. */
  remove(name: string): Promise<void>;
  /** Removes containers of sites that were never applied here: left by a process whose state is gone. */
  removeForgotten(): Promise<void>;
  /** The last lines of the platform's and the container's log, merged by time; empty string when none. */
  logs(name: string): Promise<string>;
  /** Ends all containers and listeners; keeps the log files. */
  stop(): Promise<void>;
}
