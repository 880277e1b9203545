import type { IncomingHttpHeaders } from "node:http";

export interface ArmAnswer {
  method: string;
  path: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** An error answer, told as azure-native tells it: `Status=409 Code="Conflict" Message="…"`. */
export class ArmRequestError extends Error {
  readonly status: number;

  constructor(answer: ArmAnswer) {
    const { code, message = answer.body } = errorOf(answer.body);
    const parts = [`Status=${answer.status}`, code && `Code="${code}"`, `Message="${message}"`];
    super(parts.filter(Boolean).join(" "));
    this.status = answer.status;
  }
}

/** Of a body without the wrapper `error`, as Microsoft.Web's are, the whole is the message. */
function errorOf(body: string): { code?: string; message?: string } {
  try {
    const parsed = JSON.parse(body) as { error?: { code?: string; message?: string }; code?: string };
    return parsed.error ?? { code: parsed.code };
  } catch {
    return {};
  }
}
