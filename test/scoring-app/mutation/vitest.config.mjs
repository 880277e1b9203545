import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: [
      "test/scoring-app/{contracts,expected,golden,inference,inputs,numbers,other-routes}.test.ts",
      "test/scoring-app/{outputs,parsing,peculiar-models,sklearn-names}.test.ts",
      "test/scoring-app/forms/*.test.ts",
    ],
    pool: "threads",
  },
});
