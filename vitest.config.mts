import { defineConfig } from "vitest/config";
import { useEnvironmentProxy } from "./local/net/proxy.mjs";

// What the tests ask is on this machine; the workers inherit it.
useEnvironmentProxy();

/** Tests that deploy the whole thing, and those that build its image. */
const e2e = ["test/e2e/**/*.test.ts", "test/scoring-app/image.docker.test.ts"];
/** Tests that need Docker, the engine, or long; the others are units and stay within a minute. */
const integration = [
  "test/**/*.{docker,engine}.test.ts",
  "test/scoring-app/{docs,fuzz,process,train,triton}.test.ts",
  "test/scoring-app/python/*.test.ts",
  "test/workflows/linters.test.ts",
];
const never = "**/node_modules/**";

/** What heavy tests share: two at a time, since they wait for each other's daemon, engine and builds half of the time. */
const heavy = {
  testTimeout: 600_000,
  hookTimeout: 900_000,
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
};

export default defineConfig({
  test: {
    reporters: ["default", "./test/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...e2e, ...integration, never],
          globalSetup: ["test/scoring-app/setup.ts"],
          maxWorkers: "100%",
          // A slow machine is no fault; what hangs is told all the same.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: e2e,
          globalSetup: ["test/toolchain-setup.ts", "test/scoring-app/image-setup.ts"],
          ...heavy,
        },
      },
      {
        test: {
          name: "integration",
          include: integration,
          exclude: [...e2e, never],
          globalSetup: ["test/scoring-app/setup.ts", "test/toolchain-setup.ts"],
          ...heavy,
        },
      },
    ],
  },
});
