/** Which rows of a batch are still sent: all, or, where a refused one stops the statement, those before the first refused. */
export class RefusalCut {
  private readonly stops: boolean;
  private first = Number.POSITIVE_INFINITY;

  constructor(stopsAtRefusal: boolean) {
    this.stops = stopsAtRefusal;
  }

  refused(row: number): void {
    if (this.stops && row < this.first) this.first = row;
  }

  /** How many of the rows, which rise, are still sent. */
  countBefore(rows: ArrayLike<number>): number {
    let count = rows.length;
    while (count > 0 && (rows[count - 1] as number) > this.first) count--;
    return count;
  }
}
