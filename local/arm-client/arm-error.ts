import type { IncomingHttpHeaders } from "node:http";

export interface ArmAnswer {
  method: string;
  path: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface ErrorBody {
  code?: string;
  message?: string;
}

/** An error answer, told as azure-native tells it: `Status=409 Code="Conflict" Message="…"`. */
export class ArmRequestError extends Error {
  readonly status: number;

  constructor(answer: ArmAnswer) {
    const { code, message } = errorOf(answer.body);
    const parts = [
      `Status=${answer.status}`,
      code && `Code=${JSON.stringify(code)}`,
      `Message="${message ?? answer.body}"`,
    ];
    super(parts.filter(Boolean).join(" "));
    this.status = answer.status;
  }
}

/** Resource manager wraps its errors in `error`; Microsoft.Web writes PascalCase members without a wrapper. */
function errorOf(body: string): ErrorBody {
  try {
    const parsed = JSON.parse(body) as { error?: ErrorBody; Code?: string; Message?: string } & ErrorBody;
    return parsed.error ?? { code: parsed.Code ?? parsed.code, message: parsed.Message ?? parsed.message };
  } catch {
    return {};
  }
}
