/** Mutation testing of what reads a request and writes its answer: `npm run mutation`. */
export default {
  testRunner: "vitest",
  vitest: { configFile: "test/scoring-app/mutation/vitest.config.mjs", related: false },
  mutate: [
    "scoring-app/src/forms/*.ts",
    "scoring-app/src/routes/*.ts",
    "scoring-app/src/inference/*.ts",
    "scoring-app/src/model/{cells,nesting,values}.ts",
  ],
  // Copies what the tests need; node_modules stay where they are.
  ignorePatterns: [
    "**",
    "!scoring-app/**",
    "!test/scoring-app/**",
    "!package.json",
    "scoring-app/dist/**",
    "scoring-app/node_modules/**",
  ],
  symlinkNodeModules: true,
  coverageAnalysis: "perTest",
  // What only the loading of a file runs would need every test again: most of the time for a twelfth of the mutants.
  ignoreStatic: true,
  concurrency: 2,
  timeoutMS: 10_000,
  thresholds: { high: 85, low: 80, break: 80 },
  reporters: ["clear-text", "progress"],
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: ".local/stryker",
};
