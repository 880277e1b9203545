import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: [
      "test/scoring-app/{contracts,other-routes,inference,sklearn-names,golden,numbers,parsing,peculiar-models}.test.ts",
      "test/scoring-app/forms/*.test.ts",
    ],
    pool: "threads",
  },
});
