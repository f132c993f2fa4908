/** What is in a set of rows, whatever their order. */
export interface Fingerprint {
  readonly rows: number;
  readonly digest: string;
}

/** Sums of two independent hashes of each row: a row more, less or other shows. */
export class Digest {
  private rows = 0;
  private first = 0;
  private second = 0;

  add(row: string): void {
    let one = 0x811c9dc5;
    let two = 0x9e3779b9;
    for (let i = 0; i < row.length; i++) {
      const code = row.charCodeAt(i);
      one = Math.imul(one ^ code, 0x01000193);
      two = Math.imul(two ^ code, 0x85ebca6b);
      two ^= two >>> 15;
    }
    this.rows++;
    this.first = (this.first + mixed(one)) >>> 0;
    this.second = (this.second + mixed(two)) >>> 0;
  }

  fingerprint(): Fingerprint {
    const hex = (value: number): string => value.toString(16).padStart(8, "0");
    return { rows: this.rows, digest: hex(this.first) + hex(this.second) };
  }
}

/** Sums of plain FNV hashes of similar rows would be similar. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b);
  return (twice ^ (twice >>> 16)) >>> 0;
}
