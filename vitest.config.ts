import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/reporter/summary-reporter.ts";

export default defineConfig({
  test: {
    reporters: ["default", new SummaryReporter()],
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/services/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "services",
          include: ["test/services/**/*.test.ts"],
          globalSetup: ["test/services/global-setup.ts"],
          // Real services on a small machine: one file at a time, and first requests may wait for a leader election or a schema agreement.
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
