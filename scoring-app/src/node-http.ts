/**
 * What the app calls of node:http. `import`ing it would read its every export, and one of them loads undici: some 13 MB, and 30 to
 * 100 ms of each start.
 */
export const { createServer, validateHeaderName, validateHeaderValue } =
  process.getBuiltinModule("node:http");
