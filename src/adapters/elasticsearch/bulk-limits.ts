/** No request gets smaller than this because of an answer, unless it holds one document. */
const BYTES_MIN = 64 << 10;
/** At least so much of what the settings allow is sent to a server that is busy. */
const SHARE_MIN = 1 / 64;
/** By how much a good answer makes it more: seven of them make up for one 429. */
const GROWTH = 1.1;

/** What one request may hold, and how many are under way. */
export interface BulkLimitsOptions {
  readonly documentsMax: number;
  readonly bytesMax: number;
  readonly inFlight: number;
}

/**
 * The limits of a sink's requests as the server's answers have made them: 413 lowers their bytes for good, 429 halves what is sent at a
 * time, which comes back bit by bit.
 */
export class BulkLimits {
  private readonly options: BulkLimitsOptions;
  private takenBytesMax: number;
  private share = 1;

  constructor(options: BulkLimitsOptions) {
    this.options = options;
    this.takenBytesMax = options.bytesMax;
  }

  get documentsMax(): number {
    return Math.max(1, Math.floor(this.options.documentsMax * this.share));
  }

  get bytesMax(): number {
    return Math.max(Math.min(BYTES_MIN, this.takenBytesMax), Math.floor(this.takenBytesMax * this.share));
  }

  get inFlight(): number {
    return Math.max(1, Math.floor(this.options.inFlight * this.share));
  }

  /** A request of so many bytes was more than the server takes. */
  tooLarge(bytes: number): void {
    this.takenBytesMax = Math.max(BYTES_MIN, Math.min(this.takenBytesMax, bytes >> 1));
  }

  /** The server has more to do than it takes on. */
  tooBusy(): void {
    this.share = Math.max(SHARE_MIN, this.share / 2);
  }

  /** A request was taken, with all that is in it. */
  taken(): void {
    this.share = Math.min(1, this.share * GROWTH);
  }
}
