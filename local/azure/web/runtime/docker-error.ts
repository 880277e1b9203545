/** The daemon's own message, without what the client library puts around it. */
export function dockerMessage(error: unknown): string {
  const { message } = error as Error;
  return /^\(HTTP code \d+\) .*? - ([\s\S]*)$/.exec(message)?.[1]?.trim() ?? message;
}
