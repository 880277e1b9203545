// Plain JavaScript: lock-file.mjs needs it, with a Node that may not run TypeScript.

/**
 * Runs `work`, then `cleanUp`, whatever became of the work. The work's error is the one that is thrown: a clean-up
 * that fails too is told in its second line.
 *
 * @template T
 * @param {() => T | Promise<T>} work
 * @param {() => unknown} cleanUp
 * @returns {Promise<T>}
 */
export async function withCleanUp(work, cleanUp) {
  /** @type {T} */
  let result;
  try {
    result = await work();
  } catch (error) {
    throw await cleanedUp(error, cleanUp);
  }
  await cleanUp();
  return result;
}

/**
 * Cleans up after an error, for where nothing is to be cleaned up without one.
 *
 * @param {unknown} error
 * @param {() => unknown} cleanUp
 * @returns {Promise<unknown>} the same error, to be thrown.
 */
export async function cleanedUp(error, cleanUp) {
  try {
    await cleanUp();
    return error;
  } catch (second) {
    return withSecondLine(
      error,
      `Cleaning up failed too: ${messageOf(second)
        .trim()
        .replace(/\s*\n\s*/g, " / ")}`,
    );
  }
}

/**
 * The error with one more line. It stays the same object: who catches it looks at its class and its members.
 *
 * @param {unknown} error
 * @param {string} line
 */
function withSecondLine(error, line) {
  if (!(error instanceof Error)) return new Error(`${error}\n${line}`, { cause: error });
  const { message, stack } = error;
  // Defined, not assigned: some errors, such as an aborted signal's, have an accessor.
  Object.defineProperty(error, "message", {
    value: `${message}\n${line}`,
    configurable: true,
    writable: true,
  });
  Object.defineProperty(error, "stack", { value: `${stack}\n${line}`, configurable: true, writable: true });
  return error;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
