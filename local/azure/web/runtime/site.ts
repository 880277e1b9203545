import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ignoring } from "../../../docker/errors.ts";
import type { Instance, Running, SiteHost } from "./container.ts";
import * as containers from "./container.ts";
import { type ContainerSettings, containerSettings, imageOf, SettingError } from "./container-settings.ts";
import { dockerMessage } from "./docker-error.ts";
import { Upstream } from "./forward.ts";
import { FrontEnd } from "./front-end.ts";
import { Pinger } from "./pinger.ts";
import { pause } from "./probe.ts";
import { StartError } from "./pull.ts";
import { PulledImages } from "./pulled-images.ts";
import { ScmHost, type ScmOptions } from "./scm.ts";
import type { SiteLog } from "./site-log.ts";
import type { SiteSpec } from "./types.ts";

export interface SiteOptions extends SiteHost, ScmOptions {
  /** The site's own folder. */
  directory: string;
  instanceId: string;
}

/** The container that serves, and what belongs to it. */
interface Serving {
  instance: Instance;
  upstream: Upstream;
  pinger: Pinger;
}

/**
 * One web app: at most one container that serves, at most one start under way. A start never takes the serving
 * container away before the new one has answered.
 */
export class HostedSite {
  readonly log: SiteLog;
  readonly #options: SiteOptions;
  readonly #frontEnd: FrontEnd;
  readonly #scm: ScmHost;
  readonly #images: PulledImages;
  readonly #pending = new Set<Promise<void>>();
  #spec: SiteSpec | undefined;
  #serving: Serving | undefined;
  #start: { hash: string; abort: AbortController } | undefined;
  #starts = 0;
  #failures = 0;

  constructor(options: SiteOptions) {
    this.log = options.log;
    this.#options = options;
    const { log, site, tls, times, instanceId } = options;
    const failed = (error: Error) =>
      log.platform("ERROR", `A request could not be passed on: ${error.stack}`);
    this.#frontEnd = new FrontEnd(site, tls, times.hold, instanceId, failed);
    this.#scm = new ScmHost(options);
    this.#images = new PulledImages(options.docker, join(options.directory, "images.json"));
  }

  async apply(spec: SiteSpec): Promise<void> {
    const first = this.#spec === undefined;
    this.#spec = spec;
    this.log.containerLogging = spec.containerLogging;
    await this.#frontEnd.configure(spec);
    await this.#scm.configure(spec);
    const settings = this.#settings();
    if (first) await this.#adopt(settings);
    if (!settings) {
      this.#cancelStart();
      this.#frontEnd.target = { state: spec.enabled ? "unavailable" : "stopped" };
      void this.#retire();
    } else if (this.#serving?.instance.hash === settings.hash) {
      this.#cancelStart();
      this.#serve(this.#serving.instance, this.#serving.upstream);
    } else if (this.#start?.hash !== settings.hash || this.#failures > 0) {
      this.#begin(settings, 0);
    }
  }

  restart(): void {
    const settings = this.#settings();
    if (settings) this.#begin(settings, 0);
  }

  /** Ends containers and listeners. */
  async stop(): Promise<void> {
    this.#spec = undefined;
    this.#cancelStart();
    await Promise.all([this.#frontEnd.close(), this.#scm.close()]);
    void this.#retire(true);
    await Promise.all(this.#pending);
  }

  /** Removes what `stop` leaves: the images that it pulled, the /home volume. */
  async remove(): Promise<void> {
    await this.stop();
    for (const instance of await containers.runningInstances(this.#options))
      await containers.removeContainer(instance.container);
    await ignoring([404], this.#options.docker.getVolume(containers.homeVolume(this.#options)).remove());
    await this.#images.remove();
  }

  /** What the container needs; undefined when none should run. */
  #settings(): ContainerSettings | undefined {
    const { log, instanceId, times } = this.#options;
    if (!this.#spec?.enabled) return undefined;
    try {
      return containerSettings(this.#spec, instanceId, times);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      log.platform("ERROR", error.message);
      log.platform("INFO", `Stopping site ${this.#spec.name} because it failed during startup.`);
      return undefined;
    }
  }

  /**
   * Takes over a container that outlived the process that started it: of those that answer, for that process may
   * have been killed before it knew, the one with these settings, else another one. The rest are ended.
   */
  async #adopt(settings: ContainerSettings | undefined): Promise<void> {
    const running = await containers.runningInstances(this.#options);
    const isWanted = ({ hash }: Running) => hash === settings?.hash;
    const candidates = settings ? [...running].sort((a, b) => Number(isWanted(b)) - Number(isWanted(a))) : [];
    let chosen: Instance | undefined;
    for (const candidate of candidates) {
      // One of other settings may answer the new ones' path with any status.
      const statuses = isWanted(candidate) ? settings!.warmUpStatuses : [];
      chosen = await containers.answeringInstance(candidate, settings!.warmUpPath, statuses);
      if (chosen) break;
    }
    if (chosen) {
      containers.followInstance(this.#options, chosen);
      this.#serve(chosen, this.#upstream(chosen));
    }
    for (const instance of running) {
      if (instance.container !== chosen?.container) await containers.stopInstance(instance);
    }
  }

  /** Begins a start, which takes the place of one under way. */
  #begin(settings: ContainerSettings, delay: number): void {
    this.#cancelStart();
    const start = { hash: settings.hash, abort: new AbortController() };
    this.#start = start;
    if (delay === 0) this.#failures = 0;
    const settled = this.#run(settings, delay, start.abort.signal)
      .catch((error: unknown) => this.#failed(error, start.abort.signal))
      .finally(() => {
        if (this.#start === start) this.#start = undefined;
      });
    void this.#track(settled);
    // After a crash clients are told at once; a start that was asked for they wait for.
    if (!this.#serving || !settings.overlap) {
      this.#frontEnd.target = delay === 0 ? { state: "starting", settled } : { state: "unavailable" };
    }
  }

  async #run(settings: ContainerSettings, delay: number, signal: AbortSignal): Promise<void> {
    if (delay > 0) await pause(delay, signal);
    signal.throwIfAborted();
    if (!settings.overlap) await this.#retire();
    await this.#images.add(settings.image);
    const instance = await containers.startInstance(this.#options, settings, this.#starts++, signal);
    if (signal.aborted) return containers.removeContainer(instance.container);
    const old = this.#serving;
    this.#failures = 0;
    this.#start = undefined;
    this.#serve(instance, this.#upstream(instance));
    void this.#track(this.#tidy(old, settings.image));
  }

  /** Ends the container that was replaced, and removes the images of this one's repository that are past. */
  async #tidy(replaced: Serving | undefined, image: string): Promise<void> {
    if (replaced) await this.#end(replaced);
    // A later start may want an earlier image again.
    const isWanted = (pulled: string) =>
      pulled === image || pulled === imageOf(this.#spec?.linuxFxVersion ?? "");
    await this.#images.removeEarlier(image, isWanted);
  }

  /** A failed start: the next one is tried later; a container that serves goes on meanwhile. */
  #failed(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { log, site, report, times } = this.#options;
    if (!(error instanceof StartError)) {
      log.platform("ERROR", `Container for site ${site} could not be started: ${dockerMessage(error)}`);
    }
    log.platform("INFO", `Stopping site ${site} because it failed during startup.`);
    report(`${site}: start failed: ${(error as Error).message}`);
    if (!this.#serving) this.#frontEnd.target = { state: "unavailable" };
    this.#failures++;
    this.#startLater(Math.min(times.restartDelay * 2 ** (this.#failures - 1), times.restartDelayLimit));
  }

  #startLater(delay: number): void {
    const settings = this.#settings();
    if (settings) this.#begin(settings, Math.max(1, delay));
  }

  #upstream(instance: Instance): Upstream {
    const exitsNow = () => Promise.race([instance.exited.then(() => true), waitFor(250).then(() => false)]);
    return new Upstream(instance.hostPort, this.#options.times.idle, exitsNow);
  }

  /** Sends requests to this container, from now on and with the present settings. */
  #serve(instance: Instance, upstream: Upstream): void {
    this.#serving?.pinger.stop();
    const known = this.#serving?.instance === instance;
    const pinger = new Pinger(instance.hostPort, this.#spec!, this.#options.times, () => {
      this.#options.report(`${this.#options.site}: unhealthy for too long, replaced`);
      this.restart();
    });
    this.#serving = { instance, upstream, pinger };
    this.#frontEnd.target = { state: "serving", upstream };
    if (!known) void instance.exited.then(() => this.#exited(instance));
  }

  #exited(instance: Instance): void {
    const serving = this.#serving;
    if (serving?.instance !== instance) return;
    const { log, site, times } = this.#options;
    log.platform("ERROR", `Container ${instance.name} for site ${site} has exited`);
    this.#frontEnd.target = { state: "unavailable" };
    void this.#retire();
    if (!this.#start) this.#startLater(times.restartDelay);
  }

  /** Takes the serving container out of service and ends it. */
  #retire(atOnce = false): Promise<void> {
    const serving = this.#serving;
    this.#serving = undefined;
    return serving ? this.#track(this.#end(serving, atOnce)) : Promise.resolve();
  }

  async #end({ instance, upstream, pinger }: Serving, atOnce = false): Promise<void> {
    pinger.stop();
    const drained = upstream.drain();
    if (!atOnce) await Promise.race([drained, waitFor(this.#options.times.drain), instance.exited]);
    await containers.stopInstance(instance);
    await upstream.destroy();
  }

  #cancelStart(): void {
    this.#start?.abort.abort();
    this.#start = undefined;
  }

  /** Remembers work under way, so that `stop` can wait for it. */
  #track(work: Promise<void>): Promise<void> {
    const tracked: Promise<void> = work
      .catch((error: unknown) => this.#options.report(`${this.#options.site}: ${(error as Error).message}`))
      .finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return tracked;
  }
}

function waitFor(time: number): Promise<void> {
  return delay(time, undefined, { ref: false });
}
