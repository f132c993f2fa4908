import type { SeededRandom } from "../property/random.ts";
import type { Expected, Met, SourceName, TargetKind } from "./workload.ts";

/** A topic, and the streams over it whose time is an event time or that of the records. */
interface SourceStreams {
  readonly source: SourceName;
  readonly timed: string;
  readonly untimed: string;
}

const KEYED: SourceStreams = { source: "readings", timed: "timed", untimed: "untimed" };
/** Groups of records without keys lie in several partitions. */
export const LOOSE: SourceStreams = { source: "loose", timed: "loose_timed", untimed: "loose" };

export function randomSource(random: SeededRandom): SourceStreams {
  return random.chance(0.7) ? KEYED : LOOSE;
}

export type Verdict = "applied" | "filtered" | "late" | "deadLettered";
export type Document = Readonly<Record<string, unknown>>;

export const WHERE = { none: "", v: "WHERE v >= 0", tag: "WHERE tag = 'x'" };
export type Where = keyof typeof WHERE;

export const named = (name: string): { readonly name: string; readonly statement: string } => ({ name, statement: name });

/** The dead letters of a pipeline: a target of its own. */
export const deadLettersOf = (pipeline: string): string => `dead_${pipeline}`;

/** What a write goes to is such a target. */
export const takesLetters = (target: string): boolean => /^(ks\.)?dead_/.test(target);

export function into(target: TargetKind, name: string): string {
  return { index: `elastic.${name}`, table: `cassandra.ks.${name}`, topic: `bus.${name}` }[target];
}

/** As WHERE goes, for statements that use `v`. */
export function judge({ isBroken, text, v, tag }: Met, where: Where, usesV = true): Verdict {
  if (isBroken || text === null) return "deadLettered";
  if (where === "tag" && tag !== "x") return "filtered";
  if (typeof v === "string" && (usesV || where === "v")) return "deadLettered";
  return where === "v" && (v === null || (v as number) < 0) ? "filtered" : "applied";
}

export class Counting {
  readonly counts = { in: 0, applied: 0, filtered: 0, late: 0, deadLettered: 0 };

  readonly dead: string[] = [];

  /** True: the record is taken. */
  add(verdict: Verdict, { partition, offset }: Met): boolean {
    this.counts.in++;
    this.counts[verdict]++;
    if (verdict === "deadLettered") this.dead.push(`${partition} ${offset}`);
    return verdict === "applied";
  }

  of(documents: readonly Document[]): Expected {
    return { documents, counts: this.counts, dead: this.dead };
  }
}
