/** Records of one group's panes that are full, by number: the last ones, without a gap. Each is a record of cells, then its bounds. */
export class CountPanes {
  /** Number of the first one. */
  first = 0;
  /** After the last one. */
  end = 0;
  private readonly width: number;
  /** Circular, by number; a power of two of them. */
  private records: Float64Array;
  /** Where the states that are objects lie; -1: there are none. */
  private places: Int32Array;

  constructor(width: number, first: number) {
    this.width = width;
    this.first = first;
    this.end = first;
    this.records = new Float64Array(2 * width);
    this.places = new Int32Array(2);
  }

  get byteLength(): number {
    return this.records.byteLength + this.places.byteLength + OBJECT_BYTES;
  }

  /** A record that is filled in at once. */
  push(place: number): Float64Array {
    if (this.end - this.first === this.places.length) this.grow();
    const number = this.end++;
    this.places[number & (this.places.length - 1)] = place;
    return this.recordOf(number);
  }

  recordOf(number: number): Float64Array {
    const at = (number & (this.places.length - 1)) * this.width;
    return this.records.subarray(at, at + this.width);
  }

  placeOf(number: number): number {
    return this.places[number & (this.places.length - 1)] as number;
  }

  private grow(): void {
    const { first, end, width } = this;
    const kept = Array.from({ length: end - first }, (_, at) => [this.recordOf(first + at), this.placeOf(first + at)] as const);
    this.records = new Float64Array(this.records.length * 2);
    this.places = new Int32Array(this.places.length * 2);
    for (const [at, [record, place]] of kept.entries()) {
      const to = (first + at) & (this.places.length - 1);
      this.records.set(record, to * width);
      this.places[to] = place;
    }
  }
}

/** The object itself and its two arrays. */
const OBJECT_BYTES = 300;
