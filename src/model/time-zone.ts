import { must } from "../assert.ts";

/** Zones by name (`Europe/Berlin`, `UTC`) or offset (`+02:00`), with the rules of the IANA database that the platform brings. */

const QUARTER_MS = 900_000;
/** Quarters of an hour kept for each zone: two years' worth, which is some megabytes at most. */
const QUARTERS_MAX = 70_080;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  /** Offsets by quarter of an hour since 1970; NaN: the offset changes within it. */
  readonly offsets: Map<number, number>;
}

const zones = new Map<string, Zone | null>();
/** Names that come from data are not all zones. */
const NAMES_MAX = 10_000;

/** Whether there is such a zone. */
export function isTimeZone(name: string): boolean {
  return zoneOf(name) !== null;
}

/** The wall clock of a zone at an instant, as if it were UTC; undefined: no such zone. */
export function toLocal(instantMs: number, name: string): number | undefined {
  const zone = zoneOf(name);
  return zone === null ? undefined : instantMs + offsetMs(zone, instantMs);
}

/** The instant at which the clocks of a zone show a time; the earlier one where they show it twice, the later where they skip it. */
export function fromLocal(localMs: number, name: string): number | undefined {
  const zone = zoneOf(name);
  if (zone === null) return undefined;
  const before = localMs - offsetMs(zone, localMs - 86_400_000);
  const after = localMs - offsetMs(zone, localMs + 86_400_000);
  const fits = [before, after].filter((instantMs) => instantMs + offsetMs(zone, instantMs) === localMs);
  return fits.length === 0 ? before : Math.min(...fits);
}

/** What the wall clock of a zone is ahead of UTC at an instant, in ms. The zone must be one. */
export function offsetsOf(name: string): (instantMs: number) => number {
  const zone = must(zoneOf(name), name);
  return (instantMs) => offsetMs(zone, instantMs);
}

function zoneOf(name: string): Zone | null {
  const known = zones.get(name);
  if (known !== undefined) return known;
  let zone: Zone | null = null;
  try {
    zone = { format: new Intl.DateTimeFormat("en-US", { ...PARTS, timeZone: name }), offsets: new Map() };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  if (zones.size < NAMES_MAX) zones.set(name, zone);
  return zone;
}

const PARTS = {
  calendar: "gregory",
  numberingSystem: "latn",
  hourCycle: "h23",
  era: "short",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
} as const;

function offsetMs(zone: Zone, instantMs: number): number {
  const quarter = Math.floor(instantMs / QUARTER_MS);
  let offset = zone.offsets.get(quarter);
  if (offset === undefined) {
    const [first, last] = [computeOffset(zone, quarter * QUARTER_MS), computeOffset(zone, quarter * QUARTER_MS + QUARTER_MS - 1000)];
    offset = first === last ? first : Number.NaN;
    if (zone.offsets.size >= QUARTERS_MAX) zone.offsets.clear();
    zone.offsets.set(quarter, offset);
  }
  return Number.isNaN(offset) ? computeOffset(zone, instantMs) : offset;
}

function computeOffset({ format }: Zone, instantMs: number): number {
  const wholeSecondMs = Math.floor(instantMs / 1000) * 1000;
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const { type, value } of format.formatToParts(wholeSecondMs)) part[type] = value;
  const local = new Date(0);
  const year = part.era?.startsWith("B") === true ? 1 - Number(part.year) : Number(part.year);
  local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day));
  local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second));
  return local.getTime() - wholeSecondMs;
}
