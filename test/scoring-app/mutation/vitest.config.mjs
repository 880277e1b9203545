import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: [
      "test/scoring-app/{admission,contracts,documents,entry-answers,expected,golden,gzip}.test.ts",
      "test/scoring-app/{inference,inputs,limits,more-models,numbers,other-routes}.test.ts",
      "test/scoring-app/{outputs,parsing,peculiar-models,sklearn-names}.test.ts",
      "test/scoring-app/forms/*.test.ts",
    ],
    pool: "threads",
  },
});
