import { formatPatch, parsePatch, reversePatch } from "diff";
import type { PipelineChange } from "../../fleet/plan-changes.ts";

/** How a pipeline runs otherwise than its file says. */
export interface Drift {
  readonly pipeline: string;
  readonly kind: "changed" | "missing" | "added" | "paused";
  readonly what: string;
  /** Unified, from the file to what runs. */
  readonly diff: string;
  /** Of what runs; null: nothing does. */
  readonly changedBy: string | null;
  readonly changedAt: string | null;
}

/** null: it runs as its file says. */
export function driftOf(change: PipelineChange): Drift | null {
  const { pipeline, action, live, notes, diff } = change;
  const by = { changedBy: live?.changedBy ?? null, changedAt: live?.changedAt ?? null };
  const last = live === null ? "" : `; it was changed last by ${live.changedBy} at ${live.changedAt}`;
  const of = { pipeline, diff: reversed(diff), ...by };
  switch (action) {
    case "create":
      return { ...of, kind: "missing", what: "has a file, and does not run" };
    case "drop":
      return { ...of, kind: "added", what: `runs, and has no file${last}` };
    case "update":
      return {
        ...of,
        kind: "changed",
        what: `runs otherwise than its file says (${change.class})${last}${notes.map((note) => `; ${note}`).join("")}`,
      };
    case "none":
      return live?.desired === "paused" ? { ...of, kind: "paused", what: `is paused${last}` } : null;
  }
}

/** From the file to what runs; as usual, what goes stands before what comes. */
function reversed(diff: string): string {
  if (diff === "") return "";
  const [patch] = parsePatch(diff);
  if (patch === undefined) return "";
  const hunks = reversePatch(patch).hunks.map((hunk) => ({ ...hunk, lines: goneFirst(hunk.lines) }));
  const text = formatPatch({ ...reversePatch(patch), hunks });
  return text.slice(text.indexOf("---"));
}

function goneFirst(lines: readonly string[]): string[] {
  const done: string[] = [];
  const come: string[] = [];
  for (const line of lines) {
    if (line.startsWith("+")) come.push(line);
    else {
      if (!line.startsWith("-")) done.push(...come.splice(0));
      done.push(line);
    }
  }
  return [...done, ...come];
}
