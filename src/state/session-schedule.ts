/** What decides the order in which sessions close where they end at the same time. */
interface Sessions {
  /** Of each session: event times of its first and its last row. */
  readonly times: Float64Array;
  /** Of each: how many were opened before it. */
  readonly sights: Float64Array;
}

const PLACES_FIRST = 16;

/**
 * Open sessions by the time at which they end: a binary heap, whose order is end, then start, then first sight. A session that goes on
 * is not moved for each of its rows: it stays where it was expected to end, and is looked at again when it comes to the top. So the top
 * is exact after `next`, and never too late.
 */
export class SessionSchedule {
  private readonly sessions: Sessions;
  private readonly gapMs: number;
  private count = 0;
  private heap = new Int32Array(PLACES_FIRST);
  /** Of each place in the heap: when the session there ends, or a time before that. */
  private ends = new Float64Array(PLACES_FIRST);
  /** Of each session: its place in the heap. */
  private places = new Int32Array(PLACES_FIRST);

  constructor(sessions: Sessions, gapMs: number) {
    this.sessions = sessions;
    this.gapMs = gapMs;
  }

  get byteLength(): number {
    return this.heap.byteLength + this.ends.byteLength + this.places.byteLength;
  }

  get size(): number {
    return this.count;
  }

  /** When the next session ends, or a time before that; Infinity: there is none. */
  get endMs(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : (this.ends[0] as number);
  }

  add(session: number): void {
    if (this.count === this.heap.length) this.grow();
    if (session >= this.places.length) this.growPlaces(session);
    this.put(this.count++, session, this.endOf(session));
    this.rise(session);
  }

  /** Start or first sight of the session have become earlier. */
  rise(session: number): void {
    const { heap, ends } = this;
    let place = this.places[session] as number;
    const endMs = ends[place] as number;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as number;
      if (!this.isBefore(session, endMs, other, ends[above] as number)) break;
      this.put(place, other, ends[above] as number);
      place = above;
    }
    this.put(place, session, endMs);
  }

  /** The session that ends next; -1: there is none. */
  next(): number {
    while (this.count > 0) {
      const session = this.heap[0] as number;
      const endMs = this.endOf(session);
      if (endMs === this.ends[0]) return session;
      this.sink(0, session, endMs);
    }
    return -1;
  }

  remove(session: number): void {
    const place = this.places[session] as number;
    const last = --this.count;
    if (place === last) return;
    const moved = this.heap[last] as number;
    const endMs = this.ends[last] as number;
    this.put(place, moved, endMs);
    this.rise(moved);
    this.sink(this.places[moved] as number, moved, endMs);
  }

  private endOf(session: number): number {
    return (this.sessions.times[session * 2 + 1] as number) + this.gapMs;
  }

  private sink(from: number, session: number, endMs: number): void {
    const { heap, ends, count } = this;
    let place = from;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= count) break;
      const right = below + 1;
      if (right < count && this.isBefore(heap[right] as number, ends[right] as number, heap[below] as number, ends[below] as number)) {
        below = right;
      }
      const other = heap[below] as number;
      if (!this.isBefore(other, ends[below] as number, session, endMs)) break;
      this.put(place, other, ends[below] as number);
      place = below;
    }
    this.put(place, session, endMs);
  }

  private put(place: number, session: number, endMs: number): void {
    this.heap[place] = session;
    this.ends[place] = endMs;
    this.places[session] = place;
  }

  private isBefore(left: number, leftEndMs: number, right: number, rightEndMs: number): boolean {
    if (leftEndMs !== rightEndMs) return leftEndMs < rightEndMs;
    const { times, sights } = this.sessions;
    const startsMs = (times[left * 2] as number) - (times[right * 2] as number);
    return startsMs === 0 ? (sights[left] as number) < (sights[right] as number) : startsMs < 0;
  }

  private grow(): void {
    const heap = new Int32Array(this.heap.length * 2);
    heap.set(this.heap);
    this.heap = heap;
    const ends = new Float64Array(heap.length);
    ends.set(this.ends);
    this.ends = ends;
  }

  private growPlaces(session: number): void {
    const places = new Int32Array(Math.max(this.places.length * 2, session + 1));
    places.set(this.places);
    this.places = places;
  }
}
