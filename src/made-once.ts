/** What the first call makes for all that call. Where that failed the next call tries again. */
export class MadeOnce<T> {
  private readonly make: () => Promise<T>;
  private made: Promise<T> | null = null;

  constructor(make: () => Promise<T>) {
    this.make = make;
  }

  get(): Promise<T> {
    if (this.made !== null) return this.made;
    const made = this.make();
    this.made = made;
    made.catch(() => {
      if (this.made === made) this.made = null;
    });
    return made;
  }

  /** The next call makes it anew. Gives what there was. */
  forget(): Promise<T> | null {
    const { made } = this;
    this.made = null;
    return made;
  }
}
