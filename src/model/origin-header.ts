import { decimalLength, writeDecimal } from "./decimal-text.ts";
import { HeaderFinder } from "./record-headers.ts";
import { writeVarint } from "./varint.ts";

/** The one header that every record of ours on a topic carries. */
export const ORIGIN_HEADER = "sluice";

/**
 * Who wrote a record and where it stands among what that origin wrote. Readers of a stream keep the last (generation,
 * position) per origin and drop what is not higher; readers of a table drop lower generations (`runtime.md` §10).
 *
 * As text; a bar in the pipeline's name is written %7C and a percent sign %25:
 *
 *     s|<generation>|<partition>|<cause offset>.<cause ordinal>|<pipeline>|<statement>      stream
 *     t|<generation>|<partition>|<version>|<pipeline>|<statement>                           table
 */
export interface OriginMark {
  readonly pipeline: string;
  readonly statement: string;
  readonly partition: number;
  readonly generation: number;
  readonly place: OriginPlace;
}

export type OriginPlace =
  | { readonly kind: "position"; readonly causeOffset: number; readonly causeOrdinal: number }
  | { readonly kind: "version"; readonly version: number };

const PATTERN = /^(?:s\|(\d+)\|(\d+)\|(\d+)\.(\d+)|t\|(\d+)\|(\d+)\|(\d+))\|([^|]*)\|(.*)$/s;

const DOT = 0x2e;

/** Two whole numbers, a dot, and the lengths of the header's parts. */
const NUMBERS_BYTES_MAX = 64;

/** Makes the header blocks of one origin's records; each is valid until the next one is made. */
export class OriginHeaderWriter {
  /** The block made last; its first `length` bytes. */
  readonly block: Buffer;
  length = 0;
  private readonly kind: "stream" | "table";
  private readonly before: Buffer;
  private readonly after: Buffer;
  private readonly name = Buffer.from(ORIGIN_HEADER);
  /** Of the numbers that differ from record to record: where they lie, and how many characters they take. */
  private placeStart = 0;
  private placeBytes = -1;

  constructor(
    origin: { readonly pipeline: string; readonly statement: string; readonly partition: number; readonly generation: number },
    kind: "stream" | "table",
  ) {
    this.kind = kind;
    this.before = Buffer.from(`${kind === "stream" ? "s" : "t"}|${origin.generation}|${origin.partition}|`);
    this.after = Buffer.from(`|${origin.pipeline.replaceAll("%", "%25").replaceAll("|", "%7C")}|${origin.statement}`);
    this.block = Buffer.allocUnsafeSlow(this.name.length + this.before.length + this.after.length + NUMBERS_BYTES_MAX);
  }

  /** Makes the header block of a record, as `encodeHeaders` would. Of the last one only the numbers change, as a rule. */
  write(version: number, causeOffset: number, causeOrdinal: number): void {
    const isStream = this.kind === "stream";
    const ordinalBytes = isStream ? 1 + decimalLength(causeOrdinal) : 0;
    const placeBytes = decimalLength(isStream ? causeOffset : version) + ordinalBytes;
    if (placeBytes !== this.placeBytes) this.layOut(placeBytes);
    const { block } = this;
    let at = this.placeStart + placeBytes;
    if (isStream) {
      at = writeDecimal(block, at, causeOrdinal);
      block[--at] = DOT;
    }
    writeDecimal(block, at, isStream ? causeOffset : version);
  }

  private layOut(placeBytes: number): void {
    const { block, name, before, after } = this;
    let at = writeVarint(block, 0, 1);
    at = writeVarint(block, at, name.length);
    at += name.copy(block, at);
    at = writeVarint(block, at, before.length + placeBytes + after.length);
    at += before.copy(block, at);
    this.placeStart = at;
    this.placeBytes = placeBytes;
    at += placeBytes;
    this.length = at + after.copy(block, at);
  }
}

const finder = new HeaderFinder(ORIGIN_HEADER);

/** The origin in a header block at `[start, end)`; null where there is none, or none of ours. */
export function readOriginHeader(bytes: Buffer, start: number, end: number): OriginMark | null {
  if (!finder.find(bytes, start, end) || finder.valueStart < 0) return null;
  const match = PATTERN.exec(bytes.toString("utf8", finder.valueStart, finder.valueEnd));
  if (match === null) return null;
  const [, streamGeneration, streamPartition, causeOffset, causeOrdinal, tableGeneration, tablePartition, version, pipeline, statement] =
    match;
  const place: OriginPlace =
    version === undefined
      ? { kind: "position", causeOffset: Number(causeOffset), causeOrdinal: Number(causeOrdinal) }
      : { kind: "version", version: Number(version) };
  return {
    pipeline: (pipeline as string).replaceAll("%7C", "|").replaceAll("%25", "%"),
    statement: statement as string,
    partition: Number(streamPartition ?? tablePartition),
    generation: Number(streamGeneration ?? tableGeneration),
    place,
  };
}
