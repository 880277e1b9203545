/** Takes one line of progress for a person; the commands write it to stderr, since stdout is for their results. */
export type Report = (line: string) => void;

/** Seconds between two lines of a step that takes long. */
const interval = 15;

/**
 * Runs a step that may take long: says that it begins, that it goes on (every 15 seconds), and how long it took.
 *
 * @param what - the step, as a phrase that a colon may follow, e.g. "Building the Pulumi engine".
 * @param ended - what to say in place of "done in …" where the step came to nothing without failing.
 */
export async function withProgress<T>(
  report: Report,
  what: string,
  work: () => Promise<T>,
  ended: (result: T) => string | undefined = () => undefined,
): Promise<T> {
  const start = Date.now();
  const elapsed = () => `${Math.round((Date.now() - start) / 1000)} s`;
  report(`${what} …`);
  const timer = setInterval(() => report(`${what}: ${elapsed()} so far`), interval * 1000);
  try {
    const result = await work();
    report(`${what}: ${ended(result) ?? `done in ${elapsed()}`}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
