import type { SluiceError } from "../../errors.ts";
import type { Blob } from "../../state/journal/blob.ts";
import type { Journal } from "../../state/journal/journal.ts";
import { asSluiceError } from "../as-error.ts";

interface Ready {
  readonly blob: Blob;
  readonly onDurable: () => void;
}

/**
 * Appends ready blobs of one partition, all that are waiting in one go, in the order given. After one that failed there are no
 * further ones: of the deltas between them some would be missing.
 */
export class CheckpointWriter {
  private readonly journal: Journal | null;
  private readonly onFailed: (error: SluiceError) => void;
  private waiting: Ready[] = [];
  private writing: Promise<void> | null = null;
  private hasFailed = false;

  /** Without a journal (ad hoc queries) nothing is kept, and what is acknowledged is done. */
  constructor(journal: Journal | null, onFailed: (error: SluiceError) => void) {
    this.journal = journal;
    this.onFailed = onFailed;
  }

  append(blob: Blob, onDurable: () => void): void {
    if (this.journal === null) {
      queueMicrotask(onDurable);
      return;
    }
    if (this.hasFailed) return;
    this.waiting.push({ blob, onDurable });
    this.writing ??= this.work(this.journal);
  }

  /** Resolves when nothing is waiting any more. */
  async settled(): Promise<void> {
    while (this.writing !== null) await this.writing;
  }

  private async work(journal: Journal): Promise<void> {
    try {
      // One turn of the event loop later, so that barriers of the same moment share one append.
      await Promise.resolve();
      while (this.waiting.length > 0) {
        const ready = this.waiting;
        this.waiting = [];
        await journal.appendBlobs(ready.map(({ blob }) => blob));
        for (const { onDurable } of ready) onDurable();
      }
    } catch (error) {
      this.hasFailed = true;
      this.waiting = [];
      this.onFailed(asSluiceError(error));
    } finally {
      this.writing = null;
    }
  }
}
