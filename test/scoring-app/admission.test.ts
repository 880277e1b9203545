import { describe, expect, it } from "vitest";
import { Admission, type Client } from "../../scoring-app/src/scoring/admission.ts";
import { readSettings } from "../../scoring-app/src/settings.ts";

/** An admission whose event loop works as it is told. */
function admissionOf(env: Record<string, string> = {}) {
  const loop = { active: 0, idle: 0 };
  const admission = new Admission(readSettings(env), () => ({ ...loop }));
  let now = performance.now();
  const client = (id: number): Client => ({ ownConnection: { id } });
  const stranger = client(0);
  /** Ten times so many answers, each of so many ms; between them the loop rests. */
  const serve = (answers: number, ms: number, idle = 0) => {
    for (let i = 0; i < 10; i++) {
      for (let n = 0; n < answers; n++) {
        admission.begin();
        admission.end();
      }
      loop.active += answers * ms;
      loop.idle += idle;
      now += Math.max(101, answers * ms + idle);
      admission.check(now, stranger);
    }
    return admission.limit;
  };
  const check = (who = stranger, later = 0) => admission.check(now + later, who);
  const later = (milliseconds: number) => {
    now += milliseconds;
  };
  return { admission, serve, check, client, loop, later };
}

describe("MAX_QUEUE_MS: a request is refused only when it would wait for longer", () => {
  it("a busy app takes what it answers in that time, MAX_QUEUE at most, one at least", () => {
    const { admission, serve } = admissionOf();
    expect(serve(1000, 0.1)).toBe(4096);
    expect(Math.abs(serve(10, 10) - 100)).toBeLessThan(5);
    expect(serve(1, 5000)).toBe(1);
    for (let i = 0; i < 3; i++) serve(5000, 0.02);
    expect(admission.limit).toBe(4096);
  });

  it("measurements that differ count with their mean, not with the lower of two", () => {
    const { admission, check, loop, later } = admissionOf();
    for (let i = 0; i < 40; i++) {
      for (let n = 0; n < 10; n++) {
        admission.begin();
        admission.end();
      }
      loop.active += i % 2 ? 70 : 130;
      later(130);
      check();
    }
    expect(Math.abs(admission.limit - 100)).toBeLessThan(15);
  });

  it("refusals say why, come at once and end when there is room", () => {
    const { admission, serve, check, client } = admissionOf({ MAX_QUEUE_MS: "200" });
    serve(10, 10);
    admission.pending = 25;
    expect(() => check()).toThrow("25 requests are under way (MAX_QUEUE, MAX_QUEUE_MS); try again");
    admission.pending = 15;
    check(client(1));
  });

  it("an app that is not busy, but waited long for its core, refuses nobody for that", () => {
    const { serve } = admissionOf();
    expect(serve(1, 30, 70)).toBe(4096);
  });

  it("nor does one that was blocked by something else for once", () => {
    const { admission, check, loop, later } = admissionOf();
    admission.begin();
    admission.end();
    loop.active += 400;
    later(400);
    check();
    expect(admission.limit).toBe(4096);
  });

  it("nor does one whose work is done elsewhere, however long each takes", () => {
    const { serve } = admissionOf();
    expect(serve(1, 0.1, 5000)).toBe(4096);
  });

  it("what was dear and is cheap now is known at the next quiet moment", () => {
    const { serve } = admissionOf();
    expect(serve(1, 500)).toBe(2);
    expect(serve(1, 600, 400)).toBe(2);
    expect(serve(1, 1, 99)).toBe(1000);
  });

  it("a run that takes longer than a measurement is measured whole", () => {
    const { admission, check, serve } = admissionOf();
    admission.begin();
    expect(serve(0, 0)).toBe(4096);
    admission.end();
    expect(serve(1, 250)).toBe(4);
    check();
  });
});

describe("who was refused and does not wait for Retry-After", () => {
  /** An app that answers a request in 10 ms, with MAX_QUEUE_MS=1000. */
  const busy = () => {
    const all = admissionOf();
    all.serve(10, 10);
    all.admission.pending = 200;
    return all;
  };

  it("has waited since its refusal, as far as anybody knows: there is room for it only if the whole wait is bearable", () => {
    const { admission, check, client } = busy();
    const [hammering, waiting, other] = [client(1), client(2), client(3)];
    for (const each of [hammering, waiting]) expect(() => check(each)).toThrow("200 requests are under way");
    admission.pending = 60;
    check(other, 500);
    expect(() => check(hammering, 500)).toThrow("60 requests are under way");
    // Refused again, it has waited since then.
    check(hammering, 700);
    admission.pending = 95;
    expect(() => check(hammering, 1400)).toThrow("95 requests are under way");
    check(waiting, 1001);
  });

  it("is taken when nothing is under way, and where a proxy's connection carries many clients", () => {
    const { admission, check, client } = busy();
    const hammering = client(1);
    const proxy = { ownConnection: undefined };
    for (const each of [hammering, proxy]) expect(() => check(each)).toThrow("200 requests are under way");
    admission.pending = 60;
    check(proxy, 900);
    expect(() => check(hammering, 900)).toThrow("60 requests are under way");
    admission.pending = 0;
    check(hammering, 950);
  });

  it("is not refused for requests that are done elsewhere, as long as MAX_QUEUE allows it", () => {
    const { admission, check, client } = admissionOf({ MAX_QUEUE: "4" });
    admission.pending = 4;
    const hammering = client(1);
    expect(() => check(hammering)).toThrow("4 requests are under way");
    admission.pending = 3;
    check(hammering, 500);
  });
});
