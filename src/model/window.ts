interface AnyWindow {
  readonly graceMs: number;
  readonly offsetMs: number;
  readonly timeZone: string | null;
}

/** A window as it was bound: lengths in ms, checked for what they must be to each other. */
export type QueryWindow =
  | (AnyWindow & { readonly kind: "tumbling" | "sliding"; readonly sizeMs: number })
  | (AnyWindow & { readonly kind: "hopping" | "cumulating"; readonly sizeMs: number; readonly advanceMs: number })
  | (AnyWindow & { readonly kind: "session"; readonly gapMs: number })
  | (AnyWindow & { readonly kind: "count"; readonly sizeRows: number; readonly advanceRows: number });

/** Whether each group has windows of its own, which begin with its rows; else all groups have the same ones. */
export function isPerGroup(window: QueryWindow | null): boolean {
  return window !== null && (window.kind === "session" || window.kind === "count");
}
