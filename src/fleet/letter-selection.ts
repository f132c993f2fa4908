import { must } from "../assert.ts";
import { LIMITS } from "../limits.ts";
import type { FoundLetter } from "./dead-letters.ts";
import { idOf } from "./kept-letter.ts";
import { areOfOneRecord, comparePlaces, type LetterPlace, letterPlace } from "./letter-place.ts";

export type LetterOrder = "oldest" | "latest";

interface Kept {
  readonly found: FoundLetter;
  readonly place: LetterPlace;
  readonly bytes: number;
}

/**
 * Of letters that come in any order the first ones behind a place, as many as memory is allowed for; of each the last that was said.
 * What comes later than one that was left out is left out as well: so none in between is missing.
 */
export class LetterSelection {
  private readonly order: LetterOrder;
  private readonly after: LetterPlace | null;
  private readonly byId = new Map<string, Kept>();
  private bytes = 0;
  /** The first that was left out. */
  private end: LetterPlace | null = null;

  constructor(order: LetterOrder, after: LetterPlace | null) {
    this.order = order;
    this.after = after;
  }

  take(found: FoundLetter, bytes: number): void {
    const place = letterPlace(found.letter);
    if (this.after !== null && this.compare(place, this.after) <= 0) return;
    if (this.end !== null && this.compare(place, this.end) >= 0) return;
    const id = idOf(found.letter);
    this.bytes += bytes - (this.byId.get(id)?.bytes ?? 0);
    this.byId.set(id, { found, place, bytes });
    if (this.bytes > LIMITS.deadLettersBytesMax) this.leaveOut();
  }

  /** In their order, and the place of the last one where there are more. */
  get page(): { readonly found: readonly FoundLetter[]; readonly next: LetterPlace | null } {
    const { end } = this;
    const all = this.inOrder();
    if (end === null) return { found: all.map(({ found }) => found), next: null };
    // All letters of a record are on one page, as far as a page can hold them.
    const whole = all.filter(({ place }) => !areOfOneRecord(place, end));
    const kept = whole.length === 0 ? all : whole;
    return { found: kept.map(({ found }) => found), next: must(kept.at(-1)).place };
  }

  /** More than needed at once, so that it need not be done again soon. */
  private leaveOut(): void {
    const all = this.inOrder();
    for (let last = all.length - 1; last > 0 && this.bytes > LIMITS.deadLettersBytesMax / 2; last--) {
      const { found, place, bytes } = must(all[last]);
      this.byId.delete(idOf(found.letter));
      this.bytes -= bytes;
      this.end = place;
    }
  }

  private inOrder(): readonly Kept[] {
    return [...this.byId.values()].sort((left, right) => this.compare(left.place, right.place));
  }

  private compare(left: LetterPlace, right: LetterPlace): number {
    return this.order === "oldest" ? comparePlaces(left, right) : comparePlaces(right, left);
  }
}
