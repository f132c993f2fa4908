import { assert, must } from "../../assert.ts";
import type { Blob, BlobId } from "./blob.ts";
import type { EncodedBlob } from "./blob-chunks.ts";
import { encodeBlob } from "./blob-chunks.ts";
import type { StatementRecords } from "./restore.ts";

/** From a snapshot on: each blob of it is worth nothing without those before. */
interface Link {
  tip: BlobId;
  /** Why a blob of it may be missing in the log; null if none is. */
  failure: unknown;
}

/** A blob with its place in the chain, ready to be appended. */
export interface PlacedBlob {
  readonly chain: Chain;
  readonly link: Link;
  readonly kind: "snapshot" | "delta" | "drop";
  readonly encoded: EncodedBlob;
  readonly isTransactional: boolean;
}

/** One statement's blobs: places are given in the order of the calls, what became of them is told in the order of the log. */
export class Chain {
  readonly statement: string;
  private readonly generation: number;
  private sequence = 0;
  /** null: the statement has no state, and only a snapshot can be next. */
  private link: Link | null = null;
  /** All of the statement's records that may be in the log and are not yet given up. */
  private keys: string[] = [];

  constructor(statement: string, generation: number, records: StatementRecords | null) {
    this.statement = statement;
    this.generation = generation;
    if (records === null) return;
    this.keys = [...records.keys];
    const tip = records.chain.at(-1);
    if (tip !== undefined) this.link = { tip: tip.id, failure: null };
  }

  place(blob: Blob): PlacedBlob {
    const { kind } = blob.header;
    assert(kind === "snapshot" || this.link !== null, `the next blob of ${this.statement} must be a snapshot`);
    const id = this.nextId();
    const previous = kind === "snapshot" ? null : must(this.link).tip;
    const link: Link = kind === "snapshot" ? { tip: id, failure: null } : must(this.link);
    link.tip = id;
    this.link = link;
    const { header, payload, isTransactional = false } = blob;
    return { chain: this, link, kind, encoded: encodeBlob(this.statement, { header, payload, id, previous }), isTransactional };
  }

  placeDrop(): PlacedBlob {
    const id = this.nextId();
    this.link = null;
    const encoded = encodeBlob(this.statement, { id, header: null, previous: null, payload: Buffer.alloc(0) });
    return { chain: this, link: { tip: id, failure: null }, kind: "drop", encoded, isTransactional: false };
  }

  /** The blob is in the log. Gives the keys that it makes useless, in the order in which they may go. */
  appended({ kind, encoded: { keys } }: PlacedBlob): readonly string[] {
    if (kind === "delta") {
      this.keys.push(...keys);
      return [];
    }
    const before = this.keys;
    const dropped = kind === "drop";
    this.keys = dropped ? [] : [...keys];
    return dropped ? [...before, ...keys] : before;
  }

  /** The blob may be in the log, whole, in part or not at all: nothing can be built on it. */
  failed(placed: PlacedBlob, failure: unknown): void {
    this.keys.push(...placed.encoded.keys);
    placed.link.failure ??= failure;
  }

  private nextId(): BlobId {
    return { generation: this.generation, sequence: this.sequence++ };
  }
}
