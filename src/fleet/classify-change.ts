import { isDeepStrictEqual } from "node:util";
import { isStateful } from "../model/statement.ts";
import type { StatementPlan } from "../plan/pipeline-plan.ts";

/**
 * What a change of a statement costs, from nothing to data:
 * `none`, `cosmetic` (layout, comments), `metadata` (settings), `stateless` (another projection or filter; the position stays),
 * `compatible` (position and state stay), `new`, `incompatible` (they do not fit: it must be told where to begin), `destructive` (gone).
 */
export type ChangeClass = (typeof CHANGE_CLASSES)[number];
export const CHANGE_CLASSES = ["none", "cosmetic", "metadata", "stateless", "compatible", "new", "incompatible", "destructive"] as const;

/** Where a statement begins anew whose state does not fit: `here`, at its position (reset), or at the first record (backfill). */
export type BeginChoice = "here" | "earliest";

export interface StatementChange {
  readonly statement: string;
  readonly class: ChangeClass;
  /** What becomes of the positions that it has. */
  readonly positions: "kept" | "dropped" | "earliest" | "latest" | "time" | "undecided";
  /** What becomes of its windows and groups. */
  readonly state: "kept" | "dropped" | "none" | "undecided";
  /** What can be said of where it begins, where that has to be said. */
  readonly choices: readonly BeginChoice[];
  readonly why: string;
}

/** One statement before and after; null: it is not there. `begin`: what was said about beginning anew. */
export function classifyStatement(before: StatementPlan | null, after: StatementPlan | null, begin: BeginChoice | null): StatementChange {
  if (after === null) return removed(before as StatementPlan);
  const { name, settings } = after.statement;
  const keeps = isStateful(after.statement);
  const fresh = keeps ? "dropped" : "none";
  if (before === null)
    return {
      statement: name,
      class: "new",
      positions: typeof settings.start === "number" ? "time" : settings.start,
      state: "none",
      choices: [],
      why: "there was no statement of that name",
    };
  if (begin !== null) {
    const positions = begin === "here" ? "kept" : "earliest";
    return { statement: name, class: "incompatible", positions, state: fresh, choices: [], why: "it begins anew" };
  }
  const kept = { statement: name, positions: "kept", state: keeps ? "kept" : "none", choices: [] } as const;
  if (stateOf(before) !== stateOf(after)) return undecided(before, after);
  if (isDeepStrictEqual(effectOf(before), effectOf(after))) {
    const hasSameSettings = isDeepStrictEqual(before.statement.settings, settings);
    return hasSameSettings ? { ...kept, class: "none", why: "nothing changes" } : { ...kept, class: "metadata", why: "settings change" };
  }
  if (before.statement.text === after.statement.text)
    return { ...kept, class: keeps ? "compatible" : "stateless", why: "what it reads or writes is declared in another way" };
  if (!keeps) return { ...kept, class: "stateless", why: "it keeps nothing but its position" };
  const why = after.statement.aggregated ? "source, grouping, window and aggregates are the same" : "what it keeps rows for is the same";
  return { ...kept, class: "compatible", why };
}

/** All that makes its rows what and where they are; settings are how they are made. */
function effectOf({ statement, route }: StatementPlan): unknown {
  const settings = { settings: null, autocreate: null };
  return [
    { ...statement, ...settings },
    { ...route, ...settings },
  ];
}

function removed({ statement }: StatementPlan): StatementChange {
  const { name } = statement;
  const state = isStateful(statement) ? "dropped" : "none";
  const why = "it is not there any more; what it wrote stays";
  return { statement: name, class: "destructive", positions: "dropped", state, choices: [], why };
}

function undecided(before: StatementPlan, after: StatementPlan): StatementChange {
  const { name } = after.statement;
  const was = before.statement;
  const now = after.statement;
  const isElsewhere = was.source.connection !== now.source.connection || was.source.topic !== now.source.topic;
  const parts = [
    isElsewhere ? `it reads ${now.source.topic} instead of ${was.source.topic}` : null,
    was.aggregated === now.aggregated ? null : now.aggregated ? "it aggregates now" : "it does not aggregate any more",
    isDeepStrictEqual(was.window, now.window) ? null : "its window is another one",
    was.groupBy.length === now.groupBy.length && isDeepStrictEqual(was.groupBy, now.groupBy) ? null : "its grouping is another one",
    isDeepStrictEqual(was.aggregates, now.aggregates) ? null : "its aggregates are others",
    isDeepStrictEqual(was.where, now.where) ? null : "its filter is another one",
    isDeepStrictEqual(was.joins, now.joins) ? null : "its joins are others",
    isDeepStrictEqual(was.stage, now.stage) ? null : "the SELECT within it is another one",
  ].filter((part) => part !== null);
  const why = parts.length > 0 ? parts.join("; ") : "what it reads is another";
  return undecidedChange(name, why, isElsewhere ? ["earliest"] : ["here", "earliest"]);
}

/** Positions and state are kept where a pipeline's first statement reads: of another system nothing is there. */
export function movedStatement({ statement: { name } }: StatementPlan, from: string | null, to: string | null): StatementChange {
  return undecidedChange(name, `the pipeline's positions were kept on ${from}, and are looked for on ${to} now`, ["earliest"]);
}

function undecidedChange(statement: string, why: string, choices: readonly BeginChoice[]): StatementChange {
  return { statement, class: "incompatible", positions: "undecided", state: "undecided", choices, why };
}

/** The part of a fingerprint that the kept state rests on. */
function stateOf({ fingerprint }: StatementPlan): string {
  return fingerprint.slice(0, fingerprint.indexOf("."));
}

/** The dearest of them. */
export function worstOf(classes: readonly ChangeClass[]): ChangeClass {
  return CHANGE_CLASSES[Math.max(0, ...classes.map((one) => CHANGE_CLASSES.indexOf(one)))] ?? "none";
}
