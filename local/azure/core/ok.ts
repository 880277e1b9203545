import type { ArmResponse } from "./types.ts";

/** The usual answer. */
export function ok(body: unknown, headers?: Record<string, string>): ArmResponse {
  return { status: 200, body, ...(headers && { headers }) };
}
