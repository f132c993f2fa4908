/** What happened, in order: all of it in a hash, the last of it in words. */
export class Trace {
  hash = 0x811c9dc5;
  private readonly kept: string[] = [];
  private readonly keptMax: number;
  private at = 0;

  constructor(keptMax = 4000) {
    this.keptMax = keptMax;
  }

  add(atMs: number, what: string): void {
    let { hash } = this;
    const time = Math.round(atMs * 1000);
    hash = Math.imul(hash ^ (time | 0), 0x01000193);
    hash = Math.imul(hash ^ ((time / 2 ** 32) | 0), 0x01000193);
    for (let at = 0; at < what.length; at++) hash = Math.imul(hash ^ what.charCodeAt(at), 0x01000193);
    this.hash = hash >>> 0;
    this.kept[this.at++ % this.keptMax] = `${atMs.toFixed(3).padStart(10)} ${what}`;
  }

  /** The last events that a pattern fits. */
  last(count: number, pattern = /./): readonly string[] {
    const from = this.at > this.keptMax ? this.at % this.keptMax : 0;
    const inOrder = [...this.kept.slice(from), ...this.kept.slice(0, from)];
    return inOrder.filter((line) => pattern.test(line)).slice(-count);
  }
}
