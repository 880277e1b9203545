import { defineConfig } from "vitest/config";
import { useEnvironmentProxy } from "./local/net/proxy.mjs";

// What the tests ask is on this machine; the workers inherit it.
useEnvironmentProxy();

/** Tests that need Docker, the engine or the whole thing; the others are units and stay within a minute. */
const heavy = [
  "test/e2e/**/*.test.ts",
  "test/**/*.{docker,engine}.test.ts",
  "test/scoring-app/{docs,fuzz,process,triton}.test.ts",
];

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...heavy, "**/node_modules/**"],
          globalSetup: ["test/scoring-app/setup.ts"],
        },
      },
      {
        test: {
          name: "integration",
          include: heavy,
          globalSetup: ["test/scoring-app/setup.ts", "test/toolchain-setup.ts"],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          // One at a time: they build images and run engines, and the machine may have two cores.
          fileParallelism: false,
        },
      },
    ],
  },
});
