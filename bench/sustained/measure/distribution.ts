/** The usual summary of many measured values. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Keeps every value, so that quantiles are exact. */
export class Distribution {
  private values = new Float64Array(1024);
  private length = 0;
  private isSorted = true;

  add(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
    this.isSorted = false;
  }

  get count(): number {
    return this.length;
  }

  /** The smallest value that at least the share `q` of all values does not exceed (nearest rank); NaN where there is none. */
  quantile(q: number): number {
    if (this.length === 0) return Number.NaN;
    if (!this.isSorted) this.values.subarray(0, this.length).sort();
    this.isSorted = true;
    return this.values[Math.min(Math.max(Math.ceil(q * this.length) - 1, 0), this.length - 1)] as number;
  }

  summary(): Summary {
    const [p50, p99, p999, max] = [0.5, 0.99, 0.999, 1].map((q) => round(this.quantile(q)));
    return { count: this.length, p50, p99, p999, max } as Summary;
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
