import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { SpreadSequencer } from "./test/reporter/spread-sequencer.ts";
import { SummaryReporter } from "./test/reporter/summary-reporter.ts";
import { makeMemoryFolder } from "./test/support/memory-folder.ts";

/** They hold what runs to a time, or look at what the broker or the cluster does as a whole: nothing runs beside them. */
const ALONE = [
  "test/services/isolation/**/*.test.ts",
  "test/services/kafka/reading.test.ts",
  "test/services/queries/cars.test.ts",
  "test/services/stores-away/**/*.test.ts",
  "test/services/takeover/**/*.test.ts",
];

/** They compute for long, or count what a process keeps: each file has one of its own. The others share theirs, and the modules in it. */
const ISOLATED = ["test/oracle/**/*.test.ts", "test/simulation/**/*.test.ts", "test/server/leaks.test.ts"];

/** What needs nothing beside the project. Some wait for the disk or for each other: as many again as there are processors. */
const fast = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 4, setupFiles: ["test/support/fresh-limits.ts"] };

/** Real services on a small machine: first requests may wait for a leader election or a schema agreement. */
const services = { globalSetup: ["test/services/global-setup.ts"], testTimeout: 240_000, hookTimeout: 300_000 };

const { env } = process;
/** Modules are stripped of types and compiled once for all files of tests, and for the command lines that they start. */
env["NODE_COMPILE_CACHE"] ??= join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "sluice");
/** Services that a test starts for itself live too short to earn back what the second compiler of their JVM costs. */
env["JAVA_TOOL_OPTIONS"] ??= "-XX:TieredStopAtLevel=1";

/** A twentieth of the processor's time, and a fifth of what the system spends of it, would go into files that nobody keeps. */
env["TMPDIR"] ??= makeMemoryFolder() ?? tmpdir();

export default defineConfig({
  test: {
    // Node's own loader, with the cache: a fifth less for a file that tests little.
    experimental: { viteModuleRunner: false },
    globalSetup: ["test/support/package-setup.ts", "test/support/memory-folder.ts"],
    reporters: ["default", new SummaryReporter()],
    sequence: { sequencer: SpreadSequencer },
    projects: [
      { test: { name: "fast", include: ["test/**/*.test.ts"], exclude: ["test/services/**", ...ISOLATED], ...fast, isolate: false } },
      { test: { name: "fast-isolated", include: ISOLATED, ...fast } },
      // Beside those above and each other: they wait more than they compute.
      { test: { name: "services", include: ["test/services/**/*.test.ts"], exclude: ALONE, ...services, maxWorkers: 4 } },
      // After all others, one file at a time.
      { test: { name: "services-alone", include: ALONE, ...services, fileParallelism: false } },
    ],
  },
});
