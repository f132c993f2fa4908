import type { KeptLetter } from "./kept-letter.ts";
import type { LogEnds } from "./letter-place.ts";

/** Which letters were there when a redrive began, by the offsets of their records. */
export class SeenEnds {
  readonly byLog: Record<string, number>;
  private isOpen: boolean;

  constructor(known: LogEnds | null) {
    this.byLog = { ...known };
    this.isOpen = known === null;
  }

  /** As long as it is open every letter was there. */
  covers({ topic, partition, offset }: KeptLetter): boolean {
    const log = `${topic} ${partition}`;
    const end = this.byLog[log] ?? 0;
    if (this.isOpen && offset >= end) this.byLog[log] = offset + 1;
    return this.isOpen || offset < end;
  }

  /** Everything was looked at once. */
  close(): void {
    this.isOpen = false;
  }
}
