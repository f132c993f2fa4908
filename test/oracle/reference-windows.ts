import type { GroupRow } from "./evaluate.ts";
import type { Cell, WindowSpec } from "./spec.ts";
import { type Bounds, type TimedWindow, windowsAt } from "./window-bounds.ts";

/** Rows that one result is made of. */
export interface Group {
  readonly key: readonly Cell[];
  /** In the order of the log. */
  readonly rows: readonly GroupRow[];
  /** null: without a window. */
  readonly bounds: Bounds | null;
  /** The event time of its last row. */
  readonly lastMs: number;
  /** Nothing more can come. */
  readonly isClosed: boolean;
  /** When it took its last row: rows are numbered as they come. */
  readonly changedAt: number;
}

/** The groups of one partition. */
export interface Grouping {
  /** A record of that time comes: what it closes is closed before it is taken. */
  advance(timeMs: number): void;
  /** false: too late for all its windows. */
  add(key: readonly Cell[], row: GroupRow): boolean;
  /** All that there were, in the order of their closing. */
  groups(): readonly Group[];
  /** Windows that end until then are closed. */
  readonly closedUntilMs: number;
  /** When sessions that began at some time ceased to: they were joined with others, or begin earlier. */
  readonly gone: ReadonlyMap<string, number>;
}

/** A session is known by its key and its beginning, so that a later one may take the place of one that was closed. */
export const sessionId = (key: readonly Cell[], firstMs: number): string => JSON.stringify([key, firstMs]);

const NOTHING: ReadonlyMap<string, number> = new Map();

export function openGrouping(window: WindowSpec | null): Grouping {
  if (window === null) return new TimedGrouping(null);
  switch (window.kind) {
    case "session":
      return new SessionGrouping(window);
    case "count":
      return new CountGrouping(window);
    default:
      return new TimedGrouping(window);
  }
}

/** Groups of several partitions: their rows in the order of event time, partition, offset; a window closes when all have passed it. */
export function gathered(groupings: readonly Grouping[]): readonly Group[] {
  const closedUntilMs = Math.min(...groupings.map((grouping) => grouping.closedUntilMs));
  const found = new Map<string, Group>();
  for (const group of groupings.flatMap((grouping) => grouping.groups())) {
    const id = JSON.stringify([group.key, group.bounds]);
    const rows = [...(found.get(id)?.rows ?? []), ...group.rows].sort((a, b) => a.timeMs - b.timeMs);
    found.set(id, { ...group, rows, isClosed: group.bounds !== null && group.bounds.end <= closedUntilMs });
  }
  return [...found.values()];
}

const lastOf = (rows: readonly GroupRow[]): number => rows.at(-1)?.timeMs ?? 0;

class TimedGrouping implements Grouping {
  readonly gone = NOTHING;
  private readonly window: TimedWindow | null;
  private streamTime = Number.NEGATIVE_INFINITY;
  private readonly found = new Map<string, Pick<Group, "key" | "bounds"> & { readonly rows: GroupRow[] }>();

  constructor(window: TimedWindow | null) {
    this.window = window;
  }

  advance(timeMs: number): void {
    this.streamTime = Math.max(this.streamTime, timeMs);
  }

  add(key: readonly Cell[], row: GroupRow): boolean {
    const { window } = this;
    if (window === null) return this.addTo(key, row, null);
    const open = windowsAt(row.timeMs, window).filter(({ end }) => end + window.graceMs > this.streamTime);
    for (const bounds of open) this.addTo(key, row, bounds);
    return open.length > 0;
  }

  private addTo(key: readonly Cell[], row: GroupRow, bounds: Bounds | null): true {
    const id = JSON.stringify([key, bounds]);
    const group = this.found.get(id) ?? { key, rows: [], bounds };
    this.found.set(id, group);
    group.rows.push(row);
    return true;
  }

  get closedUntilMs(): number {
    return this.streamTime - (this.window?.graceMs ?? 0);
  }

  groups(): readonly Group[] {
    const closedUntil = this.closedUntilMs;
    const all = [...this.found.values()].map((group) => ({
      ...group,
      lastMs: lastOf(group.rows),
      isClosed: group.bounds !== null && group.bounds.end <= closedUntil,
      changedAt: 0,
    }));
    return all.sort((a, b) => (a.bounds?.end ?? 0) - (b.bounds?.end ?? 0) || (a.bounds?.start ?? 0) - (b.bounds?.start ?? 0));
  }
}

interface Session {
  readonly key: readonly Cell[];
  readonly rows: readonly { readonly row: GroupRow; readonly place: number }[];
  readonly firstMs: number;
  readonly lastMs: number;
}

class SessionGrouping implements Grouping {
  readonly closedUntilMs = Number.NEGATIVE_INFINITY;
  readonly gone = new Map<string, number>();
  private readonly window: WindowSpec & { readonly kind: "session" };
  private streamTime = Number.NEGATIVE_INFINITY;
  private readonly open = new Map<string, Session[]>();
  private readonly closed: Session[] = [];
  private places = 0;

  constructor(window: WindowSpec & { readonly kind: "session" }) {
    this.window = window;
  }

  advance(timeMs: number): void {
    const { gapMs, graceMs } = this.window;
    this.streamTime = Math.max(this.streamTime, timeMs);
    for (const [id, sessions] of this.open) {
      const isOver = ({ lastMs }: Session): boolean => this.streamTime >= lastMs + gapMs + graceMs;
      this.closed.push(...sessions.filter(isOver));
      this.open.set(
        id,
        sessions.filter((session) => !isOver(session)),
      );
    }
  }

  add(key: readonly Cell[], row: GroupRow): boolean {
    const { gapMs, graceMs } = this.window;
    const id = JSON.stringify(key);
    const sessions = this.open.get(id) ?? [];
    const isNear = ({ firstMs, lastMs }: Session): boolean => row.timeMs < lastMs + gapMs && row.timeMs > firstMs - gapMs;
    const near = sessions.filter(isNear);
    if (near.length === 0 && this.streamTime >= row.timeMs + gapMs + graceMs) return false;
    const own = { key, rows: [{ row, place: this.places++ }], firstMs: row.timeMs, lastMs: row.timeMs };
    const all = [...near, own];
    const joined: Session = {
      key,
      rows: all.flatMap(({ rows }) => rows).sort((a, b) => a.place - b.place),
      firstMs: Math.min(...all.map(({ firstMs }) => firstMs)),
      lastMs: Math.max(...all.map(({ lastMs }) => lastMs)),
    };
    for (const { firstMs } of near) if (firstMs !== joined.firstMs) this.gone.set(sessionId(key, firstMs), own.rows[0]?.place ?? 0);
    this.open.set(id, [...sessions.filter((session) => !isNear(session)), joined]);
    return true;
  }

  groups(): readonly Group[] {
    const { gapMs } = this.window;
    const open = [...this.open.values()].flat();
    return [...this.closed, ...open]
      .map(({ key, rows, firstMs, lastMs }, index) => ({
        isClosed: index < this.closed.length,
        key,
        rows: rows.map(({ row }) => row),
        changedAt: rows.at(-1)?.place ?? 0,
        bounds: { start: firstMs, end: lastMs + gapMs },
        lastMs,
      }))
      .sort((a, b) => a.bounds.end - b.bounds.end || a.bounds.start - b.bounds.start);
  }
}

class CountGrouping implements Grouping {
  readonly closedUntilMs = Number.NEGATIVE_INFINITY;
  readonly gone = NOTHING;
  private readonly window: WindowSpec & { readonly kind: "count" };
  private readonly found = new Map<string, { readonly key: readonly Cell[]; readonly rows: GroupRow[] }>();

  constructor(window: WindowSpec & { readonly kind: "count" }) {
    this.window = window;
  }

  advance(): void {}

  add(key: readonly Cell[], row: GroupRow): boolean {
    const id = JSON.stringify(key);
    const group = this.found.get(id) ?? { key, rows: [] };
    this.found.set(id, group);
    group.rows.push(row);
    return true;
  }

  groups(): readonly Group[] {
    const { sizeRows, advanceRows } = this.window;
    return [...this.found.values()].flatMap(({ key, rows }) =>
      Array.from({ length: Math.ceil(rows.length / advanceRows) }, (_, index): Group => {
        const own = rows.slice(index * advanceRows, index * advanceRows + sizeRows);
        const times = own.map(({ timeMs }) => timeMs);
        const bounds = { start: Math.min(...times), end: Math.max(...times) };
        return { key, rows: own, bounds, lastMs: lastOf(own), isClosed: own.length === sizeRows, changedAt: 0 };
      }),
    );
  }
}
