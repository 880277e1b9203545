import { describe, expect, it } from "vitest";
import { waitUntilReady } from "../../../components/release/readiness.ts";
import {
  BEGUN,
  failure,
  READY,
  REVISION,
  type Script,
  serve,
  target,
  WRITTEN,
  world,
} from "./readiness-fixtures.ts";

describe("the container log", () => {
  const starting: Script = { "/v2/health/ready": [{ status: 503, revision: null }] };
  /** Lines at so many seconds after the write. */
  const lines =
    (...entries: [seconds: number, text: string][]) =>
    (time: number) =>
      entries
        .filter(([seconds]) => seconds * 1000 <= time)
        .map(([seconds, text]) => `${new Date(WRITTEN + seconds * 1000).toISOString()} ${text}\n`)
        .join("");
  const pull = "INFO  - Pulling image: cr.azurecr.io/scoring-app@sha256:1";
  const exited = "ERROR - Container app_0_0123abcd for site app has exited, failing site start";
  const ready = "INFO  - Container app_0_0123abcd for site app initialized successfully and is ready";
  const written = (outside: ReturnType<typeof world>) => ({ ...outside, checkSite: async () => WRITTEN });

  it("is shown while the app is waited for: each line once, none from before the write", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, { status: 503 }, {}] });
    const log = lines([-30, exited], [0, pull], [1, ready]);
    const outside = world(undefined, log);
    await waitUntilReady(target(baseUrl), written(outside));
    const shown = outside.reports.filter((report) => report.startsWith("2026"));
    expect(shown).toEqual([`2026-01-02T03:01:00.000Z ${pull}`, `2026-01-02T03:01:01.000Z ${ready}`]);
  });

  it("ends the waiting at the third failed start, with what helps", async () => {
    const { baseUrl } = await serve(starting);
    const log = lines([0, pull], [1, exited], [2, pull], [3, exited], [5, pull], [6, exited]);
    const outside = world(undefined, log);
    expect(await failure(baseUrl, written(outside), 900)).toBe(
      "not starting: the platform has failed to start it 3 times; mend what the log shows, then run `pulumi up` again",
    );
    expect(outside.now()).toBeLessThan(60_000 + 15_000);
  });

  it("ends the waiting two minutes after a failure that no start has followed", async () => {
    const { baseUrl } = await serve(starting);
    const outside = world(undefined, lines([0, pull], [1, exited]));
    expect(await failure(baseUrl, written(outside), 900)).toContain("has not tried again for two minutes");
    expect(Math.round((outside.now() - 60_000) / 10_000)).toBe(13);
  });

  it("ends the waiting when the platform has stopped trying", async () => {
    const { baseUrl } = await serve(starting);
    const log = lines([0, pull], [1, "Site is blocked due to multiple, consecutive cold start failures."]);
    expect(await failure(baseUrl, written(world(undefined, log)), 900)).toContain(
      "has stopped trying to start it; mend what the log shows, then `az webapp stop` and `az webapp start`",
    );
  });

  describe("of a web app that this update leaves as it is", () => {
    const failures = [-300, -200, -100].flatMap((at): [number, string][] => [
      [at, pull],
      [at + 1, exited],
    ]);
    const long = (log: ReturnType<typeof lines>) => ({
      ...world(undefined, log),
      checkSite: async () => WRITTEN - 1_000_000,
    });

    it("does not count failures after which it runs", async () => {
      const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
      const outside = long(lines(...failures, [-80, pull], [-79, ready]));
      await waitUntilReady(target(baseUrl), outside);
      expect(outside.reports.filter((report) => report.startsWith("2026"))).toEqual([]);
    });

    it("believes no answer while the last start has failed: it is another container's", async () => {
      const { baseUrl } = await serve(READY);
      const outside = long(lines(...failures, [20, pull], [21, ready]));
      await waitUntilReady(target(baseUrl, { timeout: 60 }), outside);
      expect(Math.round((outside.now() - 60_000) / 1000)).toBeGreaterThan(20);
    });

    it("does not take a failure of the second in which the waiting began, which Azure's time does not tell, for a later one", async () => {
      const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
      const outside = long(lines(...failures, [-0.6, pull], [-0.5, exited], [3, pull], [4, ready]));
      const log = async () => {
        const { text, time } = await outside.log();
        return { text, time: time - 999 };
      };
      await waitUntilReady(target(baseUrl, { timeout: 60 }), { ...outside, log });
    });

    it("ends the waiting at the next failure", async () => {
      const { baseUrl } = await serve(starting);
      const outside = long(lines(...failures, [20, pull], [21, exited]));
      expect(await failure(baseUrl, outside, 900)).toContain("failed to start it 3 times");
      expect(outside.now()).toBeLessThan(60_000 + 30_000);
    });
  });

  it("keeps an answer waiting whose container is being replaced, since both have the same revision", async () => {
    const { baseUrl } = await serve(READY);
    const outside = world(undefined, lines([0, pull], [3, ready]));
    await waitUntilReady(target(baseUrl), written(outside));
    expect(Math.round((outside.now() - 60_000) / 1000)).toBe(3);
  });

  it("that has lost the end of a start keeps an answer waiting for half a minute only", async () => {
    const { baseUrl } = await serve(READY);
    const outside = world(undefined, lines([0, pull]));
    await waitUntilReady(target(baseUrl, { timeout: 60 }), written(outside));
    expect(Math.round((outside.now() - 60_000) / 1000)).toBe(30);
  });

  it("that may not show a write yet keeps an answer waiting for some seconds: the old container's may be it", async () => {
    const { baseUrl } = await serve(READY);
    const outside = world();
    await waitUntilReady(target(baseUrl, { timeout: 60 }), written(outside));
    expect(Math.round((outside.now() - 60_000) / 1000)).toBe(5);
  });

  it("that cannot be read fails nothing, and is told at the end", async () => {
    const { baseUrl } = await serve({ ...READY, "/v2/health/ready": [{ status: 503 }, {}] });
    const outside = world();
    outside.log = async () => {
      throw new Error("Azure answered 403");
    };
    await waitUntilReady(target(baseUrl), written(outside));
    expect(outside.reports.at(-1)).toBe(
      `Revision ${REVISION} is ready and has scored its sample: 1 s (its container log could not be read: Azure answered 403)`,
    );
  });

  it("is read every few seconds at most", async () => {
    const { baseUrl } = await serve(starting);
    let reads = 0;
    const outside = world(undefined, () => `${reads++}`);
    await failure(baseUrl, outside, 60);
    expect(reads).toBeLessThanOrEqual(13);
  });
});

it("another image that is set while the app is waited for fails at the end", async () => {
  const { baseUrl } = await serve(READY);
  let asked = 0;
  const checkSite = async () => {
    if (++asked === 2) throw new Error("another image");
    return BEGUN;
  };
  await expect(waitUntilReady(target(baseUrl), { ...world(), checkSite })).rejects.toThrow("another image");
});

it("another revision that is set while the app is waited for fails within seconds, not at the end", async () => {
  const { baseUrl } = await serve({ "/v2/health/ready": [{ revision: "another" }] });
  const outside = world();
  const checkSite = async () => {
    if (outside.now() > 60_000 + 3000) throw new Error("another revision");
    return BEGUN;
  };
  const waiting = waitUntilReady(target(baseUrl, { timeout: 900 }), { ...outside, checkSite });
  await expect(waiting).rejects.toThrow("another revision");
  expect(outside.now()).toBeLessThan(60_000 + 15_000);
});
