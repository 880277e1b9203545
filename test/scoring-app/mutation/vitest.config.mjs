import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: [
      "test/scoring-app/{contracts,expected,golden,inference,inputs,other-routes,outputs,parsing,peculiar-models}.test.ts",
      "test/scoring-app/forms/*.test.ts",
    ],
    pool: "threads",
  },
});
