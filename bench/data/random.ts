/**
 * splitmix64 in two halves of 32 bits, because BigInt would allocate several times a number.
 * Of each number the upper 31 bits are used.
 */
export class Random {
  private high: number;
  private low: number;

  constructor(seed: number) {
    this.high = Math.floor(seed / 2 ** 32) >>> 0;
    this.low = seed >>> 0;
  }

  /** From 0 to below `bound`. */
  below(bound: number): number {
    this.add(0x9e3779b9, 0x7f4a7c15);
    const { high: stateHigh, low: stateLow } = this;
    this.xorShift(30);
    this.multiply(0xbf58476d, 0x1ce4e5b9);
    this.xorShift(27);
    this.multiply(0x94d049bb, 0x133111eb);
    this.xorShift(31);
    const upper = this.high >>> 1;
    this.high = stateHigh;
    this.low = stateLow;
    return upper % bound;
  }

  private add(high: number, low: number): void {
    const sum = this.low + low;
    this.low = sum >>> 0;
    this.high = (this.high + high + (sum > 0xffffffff ? 1 : 0)) >>> 0;
  }

  /** value ^= value >>> bits, for 0 < bits < 32. */
  private xorShift(bits: number): void {
    const { high, low } = this;
    this.low = (low ^ ((low >>> bits) | (high << (32 - bits)))) >>> 0;
    this.high = (high ^ (high >>> bits)) >>> 0;
  }

  private multiply(high: number, low: number): void {
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const middle = a1 * b0 + ((a0 * b0) >>> 16);
    const cross = a0 * b1 + (middle & 0xffff);
    const carry = a1 * b1 + (middle >>> 16) + Math.floor(cross / 0x10000);
    this.high = (carry + Math.imul(this.high, low) + Math.imul(this.low, high)) >>> 0;
    this.low = Math.imul(this.low, low) >>> 0;
  }
}
