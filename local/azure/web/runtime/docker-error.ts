/** The daemon's own message, without what the client library puts around it. */
export function dockerMessage(error: unknown): string {
  const { message } = error as Error;
  return /^\(HTTP code \d+\) .*? - ([\s\S]*)$/.exec(message)?.[1]?.trim() ?? message;
}

/** The platform's line for a refusal of the daemon's. @param status - as .NET names it. */
export function dockerRefusal(status: string, message: string): string {
  return `DockerApiException: Docker API responded with status code=${status}, response=${JSON.stringify({ message })}`;
}
