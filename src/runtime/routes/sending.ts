import { LIMITS } from "../../limits.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";

/** When and how the changes of a statement leave. */
export interface Sending {
  /** As soon as nothing of the statement is under way, but no oftener; null: with the next barrier, for they are coalesced until then. */
  readonly lingerMs: number | null;
  /** Of several changes of one id the last alone is sent. */
  readonly latestPerId: boolean;
}

export function sendingOf({ statement, route }: StatementPlan): Sending {
  const isStore = route !== null && route.kind !== "topic";
  const { aggregated, emit, mode, identity, targetOptions } = statement;
  return {
    lingerMs: aggregated && emit === "changes" ? null : isStore ? LIMITS.storeLingerMs : LIMITS.topicLingerMs,
    // The groups of an aggregate come once each; an upsert of some columns, or a row whose nulls change nothing, adds to those before it.
    latestPerId: isStore && !aggregated && mode === "insert" && identity.kind === "columns" && !targetOptions.nullsUnset,
  };
}
