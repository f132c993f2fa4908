/** Wall clocks of time zones, by `Intl` alone. */

const QUARTER_MS = 900_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const instants = new Map<string, number>();

/** How far the clocks of a zone are ahead of UTC; changes fall on quarters of an hour. */
export function offsetAt(instantMs: number, zone: string): number {
  const quarter = Math.floor(instantMs / QUARTER_MS) * QUARTER_MS;
  const key = `${zone} ${quarter}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    offset = shownAt(quarter, zone) - quarter;
    offsets.set(key, offset);
  }
  return offset;
}

function shownAt(instantMs: number, zone: string): number {
  let format = formats.get(zone);
  if (format === undefined) {
    const digits = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
    format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...digits });
    formats.set(zone, format);
  }
  const parts = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const at = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(at("year"), at("month") - 1, at("day"), at("hour"), at("minute"), at("second"));
}

/** What the clocks show, as if it were UTC. */
export function localAt(instantMs: number, zone: string): number {
  return instantMs + offsetAt(instantMs, zone);
}

/** The first instant at which the clocks show that, or where they skip it, something later. */
export function instantOf(localMs: number, zone: string): number {
  const key = `${zone} ${localMs}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  for (let quarter = Math.floor((localMs - 15 * 3_600_000) / QUARTER_MS) * QUARTER_MS; ; quarter += QUARTER_MS) {
    const instant = Math.max(quarter, localMs - offsetAt(quarter, zone));
    if (instant >= quarter + QUARTER_MS) continue;
    instants.set(key, instant);
    return instant;
  }
}
