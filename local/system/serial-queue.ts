/** Runs a piece of work when those given before it have ended, well or not; what comes of it is the caller's. */
export type Serially = <T>(work: () => T | Promise<T>) => Promise<T>;

/** A queue of its own: one piece of work at a time, in the order of the calls. */
export function serialQueue(): Serially {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
