import type { Reporter, TestModule } from "vitest/node";

export interface Outcomes {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** `12 passed, 0 failed`, with `, 3 skipped` where something was skipped. */
export function summaryLine({ passed, failed, skipped }: Outcomes): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Counts tests. A file that fails outside of its tests (it does not load, a hook fails), and an error outside of all
 * files (an unhandled rejection), count as one failure each, so that "0 failed" always means exit code 0.
 */
export function countOutcomes(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): Outcomes {
  let passed = 0;
  let failed = unhandledErrors.length;
  let skipped = 0;
  for (const module of modules) {
    let failedInModule = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed++;
      else if (state === "failed") failedInModule++;
      else skipped++;
    }
    if (module.state() === "failed" && failedInModule === 0) failedInModule = 1;
    failed += failedInModule;
  }
  return { passed, failed, skipped };
}

/** Ends a run's output with one plain line that scripts can read. */
export class SummaryReporter implements Reporter {
  #line = summaryLine({ passed: 0, failed: 0, skipped: 0 });

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.#line = summaryLine(countOutcomes(modules, unhandledErrors));
    // The default reporter may still write in this very event: the line has to be the last one.
    process.once("exit", () => process.stdout.write(`${this.#line}\n`));
  }
}
