import { fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  changed,
  clone,
  containers,
  docker,
  get,
  image,
  label,
  pushVariant,
  registry,
  removeSites,
  runtime,
  sitesFolder,
  spec,
  startAll,
  stopAll,
  tls,
  until,
  untilLogged,
  untilServed,
} from "./runtime-setup.ts";

beforeAll(startAll);
afterEach(removeSites);
afterAll(stopAll);

describe("a web app's container", () => {
  it("is pulled, started and probed in App Service's words, and a request is held until it is ready", async () => {
    const site = await spec();
    await runtime.apply(site);
    expect(await get(site)).toMatchObject({ status: 200, text: "revision one" });
    const log = await untilLogged(site, "listening on 8080");
    const stamp = String.raw`\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z`;
    const container = `${site.name}_0_[0-9a-f]{8}`;
    for (const line of [
      `${stamp} INFO  - Pulling image: ${image}`,
      `${stamp} INFO  - ${image} Pulling from team/app`,
      `${stamp} INFO  -  Digest: sha256:[0-9a-f]{64}`,
      `${stamp} INFO  -  Status: .* for ${image}`,
      `${stamp} INFO  - Pull Image successful, Time taken: 0 Minutes and \\d+ Seconds`,
      `${stamp} INFO  - Starting container for site`,
      `${stamp} INFO  - docker run -d -p \\d+:8080 --name ${container} -e WEBSITES_ENABLE_APP_SERVICE_STORAGE=false -e WEBSITES_PORT=8080 -e WEBSITE_SITE_NAME=${site.name} .* ${image}  `,
      `${stamp} INFO  - Initiating warmup request to container ${container} for site ${site.name}`,
      `${stamp} INFO  - Container ${container} for site ${site.name} initialized successfully and is ready to serve requests.`,
    ]) {
      expect(log).toMatch(new RegExp(`^${line}$`, "m"));
    }
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z container says one$/m);
    expect(log).not.toContain(registry.password);
  });

  it("gets the app settings and the platform's variables, and never the registry's credentials", async () => {
    const site = await spec({ GREETING: "a=b c" });
    await runtime.apply(site);
    const environment = JSON.parse((await get(site, "/environment")).text);
    expect(environment).toMatchObject({
      GREETING: "a=b c",
      PORT: "8080",
      WEBSITES_PORT: "8080",
      WEBSITE_SITE_NAME: site.name,
      WEBSITE_HOSTNAME: `localhost:${site.port}`,
      WEBSITE_INSTANCE_ID: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(JSON.stringify(environment)).not.toContain("DOCKER_REGISTRY");
  });

  it("is replaced when a setting changes, and goes on serving until the new one answers", async () => {
    const site = await spec();
    await runtime.apply(site);
    await untilServed(site, "revision one");
    const next = changed(site, { REVISION: "two" });
    await runtime.apply(next);
    const seen = new Set<string>();
    await until(
      () => get(site),
      (answer) => seen.add(`${answer.status} ${answer.text}`).has("200 revision two"),
    );
    expect([...seen].filter((answer) => !answer.startsWith("200 "))).toEqual([]);
    expect(await until(containers, (list) => list.length === 1)).toHaveLength(1);
  });

  it("takes its image with it when one of another image has replaced it", async () => {
    const [earlier, later] = [await pushVariant("earlier"), await pushVariant("later")];
    const digests = async () => (await docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
    const site = { ...(await spec()), linuxFxVersion: `DOCKER|${earlier}` };
    await runtime.apply(site);
    await untilServed(site, "revision one");
    expect(await digests()).toContain(earlier);
    const broken = { ...site, linuxFxVersion: `DOCKER|${later}` };
    await runtime.apply(changed(broken, { MODE: "crash" }));
    await untilLogged(site, "because it failed during startup");
    expect(await digests()).toEqual(expect.arrayContaining([earlier, later]));
    await runtime.apply(changed(broken, { REVISION: "two" }));
    await untilServed(site, "revision two");
    await until(digests, (all) => !all.includes(earlier));
    expect(await digests()).toContain(later);
  });

  it.each(["/x:1", "localhost/localhost:1/x:1"])(
    "is refused for the image %j in Docker's words, and its site can be removed",
    async (reference) => {
      const site = { ...(await spec()), linuxFxVersion: `DOCKER|${reference}` };
      await runtime.apply(site);
      const log = await untilLogged(site, "because it failed during startup");
      expect(log).toContain('status code=BadRequest, response={"message":"invalid reference format"}');
      await runtime.remove(site.name);
      expect(existsSync(join(sitesFolder(), site.name))).toBe(false);
    },
  );

  it("that crashes at its start leaves the old one serving, and its last lines in the log", async () => {
    const site = await spec();
    await runtime.apply(site);
    await untilServed(site, "revision one");
    await runtime.apply(changed(site, { MODE: "crash", REVISION: "two" }));
    const log = await untilLogged(site, "because it failed during startup");
    expect(log).toMatch(/Container app-\d+_1_[0-9a-f]{8} for site app-\d+ has exited, failing site start/);
    expect(log).toContain("no model in /model");
    expect(await get(site)).toMatchObject({ status: 200, text: "revision one" });
    // It is tried again, as without one that serves.
    await untilLogged(site, /(has exited, failing site start[\s\S]*){3}/);
    expect(await get(site)).toMatchObject({ status: 200, text: "revision one" });
    await runtime.apply(changed(site, { REVISION: "three" }));
    await untilServed(site, "revision three");
  });

  it("that listens on another port is given up at the start limit", async () => {
    const site = await spec({ MODE: "wrong-port" });
    await runtime.apply(site);
    const log = await untilLogged(site, "because it failed during startup");
    expect(log).toMatch(
      /Waiting for response to warmup request for container .* Elapsed time = \d+\.\d{7} sec/,
    );
    expect(log).toMatch(/ERROR - .* did not start within expected time limit\. Elapsed time = 4\.\d{7} sec/);
    expect(log).toContain(
      "didn't respond to HTTP pings on port: 8080, failing site start. See container logs for debugging.",
    );
    expect(log).toContain("listening on 5999");
    expect(await get(site)).toMatchObject({
      status: 503,
      text: expect.stringContaining(":( Application Error"),
    });
  });

  it("is not started with a wrong password, though its image is on this machine", async () => {
    const site = await spec({ DOCKER_REGISTRY_SERVER_PASSWORD: "wrong-password" });
    await runtime.apply(site);
    const log = await untilLogged(site, "because it failed during startup");
    expect(log).toMatch(
      /ERROR - DockerApiException: Docker API responded with status code=InternalServerError/,
    );
    expect(log).toMatch(/unauthorized|no basic auth credentials/);
    expect(log).not.toContain("wrong-password");
    expect(await containers()).toHaveLength(0);
    // A registry that the settings do not name gets no password at all.
    await runtime.apply(changed(site, { DOCKER_REGISTRY_SERVER_URL: "https://elsewhere.azurecr.io" }));
    await untilLogged(site, /no basic auth credentials[\s\S]*because it failed during startup/);
  });

  it("that is killed gives 503, then service again", async () => {
    const site = await spec();
    await runtime.apply(site);
    await untilServed(site, "revision one");
    const [running] = await containers();
    await docker.getContainer(running!.Id).kill();
    await until(
      () => get(site),
      (answer) => answer.status === 503,
    );
    await untilServed(site, "revision one");
    expect((await containers()).map(({ Id }) => Id)).not.toContain(running!.Id);
  });

  it("stops and starts with its site, and starts anew at a restart", async () => {
    const site = await spec();
    await runtime.apply(site);
    await untilServed(site, "revision one");
    await runtime.apply({ ...site, enabled: false });
    expect(await get(site)).toMatchObject({
      status: 403,
      text: expect.stringContaining("Error 403 - This web app is stopped."),
    });
    await until(containers, (list) => list.length === 0);
    await runtime.apply(site);
    await untilServed(site, "revision one");
    const [before] = await containers();
    await runtime.restart(site.name);
    await until(containers, (list) => list.length === 1 && list[0]!.Id !== before!.Id);
    expect(await get(site)).toMatchObject({ status: 200 });
  });

  it("is taken over by the process that follows one that was killed", async () => {
    const site = await spec();
    const options = { tls, directory: sitesFolder(), clone, site };
    const earlier = fork(join(import.meta.dirname, "runtime-process.ts"));
    earlier.send(options);
    await once(earlier, "message");
    await untilServed(site, "revision one");
    const [before] = await containers();
    earlier.kill("SIGKILL");
    await once(earlier, "exit");
    await runtime.apply(site);
    expect((await get(site)).text).toBe("revision one");
    expect((await containers()).map(({ Id }) => Id)).toEqual([before!.Id]);
    await runtime.apply(changed(site, { REVISION: "two" }));
    await untilServed(site, "revision two");
  });

  it("is replaced by the process that follows when its settings have changed meanwhile", async () => {
    const site = await spec();
    const earlier = fork(join(import.meta.dirname, "runtime-process.ts"));
    earlier.send({ tls, directory: sitesFolder(), clone, site });
    await once(earlier, "message");
    await untilServed(site, "revision one");
    earlier.kill("SIGKILL");
    await once(earlier, "exit");
    await runtime.apply(changed(site, { REVISION: "two" }));
    expect((await get(site)).status).toBe(200);
    await untilServed(site, "revision two");
    await until(containers, (list) => list.length === 1);
  });

  it("is taken over, and not the one that was being started when the process was killed", async () => {
    const site = await spec();
    const broken = changed(site, { MODE: "wrong-port", REVISION: "two" });
    const earlier = fork(join(import.meta.dirname, "runtime-process.ts"));
    const options = { tls, directory: sitesFolder(), clone };
    earlier.send({ ...options, site });
    await once(earlier, "message");
    await untilServed(site, "revision one");
    const [before] = await containers();
    earlier.send({ ...options, site: broken });
    await until(containers, (list) => list.filter(({ State }) => State === "running").length === 2);
    earlier.kill("SIGKILL");
    await once(earlier, "exit");
    await runtime.apply(broken);
    expect((await get(site)).text).toBe("revision one");
    await untilLogged(site, "because it failed during startup");
    expect((await get(site)).text).toBe("revision one");
    expect((await containers()).map(({ Id }) => Id)).toContain(before!.Id);
  });

  it("keeps /home between containers where App Service storage is on", async () => {
    const site = await spec({ WEBSITES_ENABLE_APP_SERVICE_STORAGE: "true" });
    await runtime.apply(site);
    expect((await get(site, "/keep")).text).toBe("kept");
    await runtime.apply(changed(site, { WEBSITES_ENABLE_APP_SERVICE_STORAGE: "true", REVISION: "two" }));
    await untilServed(site, "revision two");
    expect((await get(site, "/kept")).text).toBe("one");
  });

  it("leaves nothing behind when its site is removed", async () => {
    const site = await spec({ WEBSITES_ENABLE_APP_SERVICE_STORAGE: "true" });
    await runtime.apply(site);
    await untilServed(site, "revision one");
    await runtime.remove(site.name);
    expect(await containers()).toHaveLength(0);
    expect((await docker.listVolumes({ filters: label() })).Volumes ?? []).toHaveLength(0);
    const digests = (await docker.listImages()).flatMap(({ RepoDigests }) => RepoDigests ?? []);
    expect(digests).not.toContain(image);
    expect(existsSync(join(sitesFolder(), site.name))).toBe(false);
    await expect(get(site)).rejects.toThrow();
  });
});
