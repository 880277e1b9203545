type Fields = Record<string, unknown>;

/** Structured logs: one JSON object a line on standard output, where App Service and Kubernetes collect them. */
export interface Log {
  info(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** @param write receives whole lines; standard output unless a test listens. */
export function createLog(write: (line: string) => void = (line) => process.stdout.write(line)): Log {
  const entry = (level: string, message: string, fields?: Fields) =>
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
  return {
    info: (message, fields) => entry("info", message, fields),
    error: (message, fields) => entry("error", message, fields),
  };
}
