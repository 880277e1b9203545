import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { assemble } from "../../scoring-app/src/assemble.ts";
import { createScoringServer } from "../../scoring-app/src/http/server.ts";
import { createLog } from "../../scoring-app/src/log.ts";
import { loadModel as load } from "../../scoring-app/src/model/load.ts";
import type { OpenSession } from "../../scoring-app/src/runtime/runtime.ts";
import type { EntryScript } from "../../scoring-app/src/scoring/entry-script.ts";
import { readSettings } from "../../scoring-app/src/settings.ts";

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests check
export type Json = any;

/** Path of a golden model of train.py. */
export const golden = (name: string) => fileURLToPath(new URL(`golden/${name}`, import.meta.url));

/** A folder's model, opened with ONNX Runtime. */
export async function loadModel(folder: string) {
  const { openOnnx } = await import("../../scoring-app/src/runtime/onnx/session.ts");
  return load(folder, openOnnx);
}

export interface TestApp {
  url: string;
  port: number;
  /** Parsed log lines. */
  lines: Record<string, unknown>[];
  assembled: Awaited<ReturnType<typeof assemble>>;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** POST of JSON to /score, or to another path. */
  post(body: unknown, path?: string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

/** The app in this process on a free port, with these environment variables. @param open instead of ONNX Runtime. */
export async function startApp(
  env: Record<string, string> = {},
  entry?: EntryScript,
  open?: OpenSession,
): Promise<TestApp> {
  const lines: Record<string, unknown>[] = [];
  const log = createLog((line) => lines.push(JSON.parse(line)));
  const settings = readSettings({ ...env, PORT: "0" });
  const assembled = await assemble(settings, { log, entry, open });
  await assembled.service.warmUp();
  const server = createScoringServer(settings, assembled.listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    lines,
    assembled,
    get: (path, init) => fetch(url + path, init),
    post: (body, path = "/score", headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Largest relative difference (absolute below 0.01) of two nested arrays of numbers; other values must be the same. */
export function difference(actual: unknown, expected: unknown): number {
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length === expected.length) {
    return Math.max(0, ...actual.map((value, index) => difference(value, expected[index])));
  }
  if (typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) / Math.max(1e-2, Math.abs(expected));
  }
  return Object.is(actual, expected) ? 0 : Number.POSITIVE_INFINITY;
}
