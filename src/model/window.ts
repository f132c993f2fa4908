interface AnyWindow {
  readonly graceMs: number;
  readonly offsetMs: number;
  readonly timeZone: string | null;
}

export type TumblingWindow = AnyWindow & { readonly kind: "tumbling"; readonly sizeMs: number };
export type HoppingWindow = AnyWindow & { readonly kind: "hopping"; readonly sizeMs: number; readonly advanceMs: number };
export type CumulatingWindow = AnyWindow & { readonly kind: "cumulating"; readonly sizeMs: number; readonly advanceMs: number };

/** Of those whose bounds all groups have in common. */
export type SharedWindow = TumblingWindow | HoppingWindow | CumulatingWindow;

/** A window as it was bound: lengths in ms, checked for what they must be to each other. */
export type QueryWindow =
  | TumblingWindow
  | HoppingWindow
  | CumulatingWindow
  | (AnyWindow & { readonly kind: "sliding"; readonly sizeMs: number })
  | (AnyWindow & { readonly kind: "session"; readonly gapMs: number })
  | (AnyWindow & { readonly kind: "count"; readonly sizeRows: number; readonly advanceRows: number });

export function isShared(window: QueryWindow): window is SharedWindow {
  return window.kind === "tumbling" || window.kind === "hopping" || window.kind === "cumulating";
}

/** Whether each group has windows of its own, which begin with its rows; else all groups have the same ones. */
export function isPerGroup(window: QueryWindow | null): boolean {
  return window !== null && (window.kind === "session" || window.kind === "count");
}

/** What tells the windows of a group apart: some begin together. */
export function windowKeyOf(window: QueryWindow | null): readonly WindowPart[] {
  if (window === null) return [];
  if (window.kind === "count") return ["row"];
  // Where the clock skips an hour, windows that would have begun in it begin together.
  return window.kind === "cumulating" || (window.kind === "hopping" && window.timeZone !== null) ? ["start", "end"] : ["start"];
}

/** Bounds, or in windows of rows the number of the first one in its group. */
export type WindowPart = "start" | "end" | "row";

/** In how many windows a row is, where no clock changes. */
export function overlapOf(window: QueryWindow | null): number {
  switch (window?.kind) {
    case "hopping":
    case "cumulating":
      return Math.ceil(window.sizeMs / window.advanceMs);
    case "count":
      return Math.ceil(window.sizeRows / window.advanceRows);
    default:
      return 1;
  }
}
