/**
 * The version clock of one statement on one partition (`runtime.md` §2), in microseconds:
 * v = the smallest number ≥ max(v + 1, record timestamp, base) that is ≡ partition (mod stride).
 */
export class VersionClock {
  value: number;
  base: number;
  readonly stride: number;
  private readonly residue: number;

  constructor(options: { readonly value: number; readonly base: number; readonly stride: number; readonly partition: number }) {
    this.value = options.value;
    this.base = options.base;
    this.stride = options.stride;
    this.residue = options.partition % options.stride;
  }

  /** The next version is above it. Clocks that agree in it and in the stride give the same versions. */
  get floor(): number {
    return Math.max(this.value, this.base - 1);
  }

  /** A note has changed something: what follows from it is later than what came of the records before. */
  tick(): void {
    const { stride, residue } = this;
    const next = this.floor + 1;
    this.value = next + ((((residue - next) % stride) + stride) % stride);
  }

  /**
   * Writes the versions of rows [from, to). The clock itself stays; `value` is set to the version of the last row taken.
   * `ahead`: 1 where a note refuses the timestamp of a row; null: nowhere.
   */
  stamp(timestampsMs: Float64Array, from: number, to: number, ahead: Uint8Array | null, versions: Float64Array): void {
    const { stride, residue } = this;
    let version = this.floor;
    for (let row = from; row < to; row++) {
      const micros = ahead !== null && ahead[row] === 1 ? 0 : (timestampsMs[row] as number) * 1000;
      version = micros > version ? micros : version + 1;
      if (stride > 1) version += (((residue - version) % stride) + stride) % stride;
      versions[row] = version;
    }
  }
}

/** The smallest power of two ≥ twice the partition count, so that two partitions never share a version. */
export function strideFor(idsCoveredByKey: boolean, partitions: number): number {
  if (idsCoveredByKey || partitions === 1) return 1;
  return 2 ** Math.ceil(Math.log2(partitions * 2));
}
