import { defineConfig } from "vitest/config";

/** The tests that Stryker runs: those in this process. */
export default defineConfig({
  test: {
    include: ["test/scoring-app/{contracts,inference,golden,number-table,parsing,peculiar-models}.test.ts"],
    pool: "threads",
  },
});
