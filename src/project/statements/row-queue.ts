import type { RowsResult } from "./result.ts";

/** Rows on their way from who makes them to who takes them; makers wait until a batch was taken. */
export class RowQueue {
  private readonly waiting: { readonly documents: readonly string[]; readonly taken: () => void }[] = [];
  private ending: { readonly error: unknown } | null = null;
  private wake: () => void = () => {};

  /** Resolves when the rows were taken, or nobody takes any more. */
  give(documents: readonly string[]): Promise<void> {
    if (this.ending !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ documents, taken: resolve });
      this.wake();
    });
  }

  /** No rows come after those given; the first end counts. `error`: why it was not to be so early, or null. */
  end(error: unknown = null): void {
    this.ending ??= { error };
    this.wake();
  }

  /** `leave`: called once when rows are not asked for any more; it resolves when all has ended. */
  result(isBounded: boolean, stop: RowsResult["stop"], leave: () => Promise<void>): RowsResult {
    const batches = this.batches(leave);
    // A generator that waits for rows would be left only once some come: the end wakes it.
    const left = (): ReturnType<typeof batches.return> => {
      this.end();
      return batches.return();
    };
    return {
      kind: "rows",
      isBounded,
      batches: { [Symbol.asyncIterator]: () => ({ next: () => batches.next(), return: left }) },
      stop,
    };
  }

  private async *batches(leave: () => Promise<void>): AsyncGenerator<readonly string[], void> {
    try {
      for (;;) {
        const next = this.waiting.shift();
        if (next !== undefined) {
          yield next.documents;
          next.taken();
        } else if (this.ending === null) await new Promise<void>((resolve) => (this.wake = resolve));
        else if (this.ending.error === null) return;
        else throw this.ending.error;
      }
    } finally {
      this.end();
      for (const { taken } of this.waiting.splice(0)) taken();
      await leave();
    }
  }
}
