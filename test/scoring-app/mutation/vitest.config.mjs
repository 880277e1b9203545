import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: [
      "test/scoring-app/{contracts,documents,entry-answers,gzip,inference,inputs}.test.ts",
      "test/scoring-app/{limits,numbers,other-routes,outputs,parsing,sklearn-names}.test.ts",
      "test/scoring-app/forms/*.test.ts",
    ],
    pool: "threads",
  },
});
