import type { Duration, FromItem, Select, Span, Window } from "../../grammar/ast.ts";
import { durationMs } from "../../grammar/units.ts";
import { LIMITS } from "../limits.ts";
import { isTimeZone } from "../model/time-zone.ts";
import type { QueryWindow } from "../model/window.ts";
import { fitsDays, greatestDivisor } from "../model/window-shape.ts";
import type { Reporter } from "./reporter.ts";
import { looksAround } from "./row-wise.ts";

/** A window with its lengths in milliseconds, checked for what its parts must be to each other. */
export function bindWindow(window: Window, report: Reporter): QueryWindow {
  checkZone(window, report);
  checkLengths(window, report);
  const { grace, offset, timeZone } = window;
  const common = { graceMs: grace === null ? 0 : durationMs(grace), offsetMs: offset === null ? 0 : durationMs(offset), timeZone };
  switch (window.kind) {
    case "tumbling":
    case "sliding":
      return { kind: window.kind, sizeMs: durationMs(window.size), ...common };
    case "hopping":
    case "cumulating":
      return { kind: window.kind, sizeMs: durationMs(window.size), advanceMs: durationMs(window.advance), ...common };
    case "session":
      return { kind: window.kind, gapMs: durationMs(window.gap), ...common };
    case "count":
      return { kind: window.kind, sizeRows: window.size, advanceRows: window.advance ?? window.size, ...common };
  }
}

function checkLengths(window: Window, report: Reporter): void {
  const refuse = (span: Span, message: string, hint: string): null => report.error("INVALID_WINDOW", span, message, hint);
  if (window.kind === "count") {
    if (window.size < 1) refuse(window.span, "a count window needs at least one row", "for example COUNT (SIZE 100)");
    if (window.advance !== null && (window.advance < 1 || window.advance > window.size))
      refuse(
        window.span,
        `ADVANCE BY takes a number of rows from 1 to SIZE, which is ${window.size}`,
        `for example ADVANCE BY ${window.size}`,
      );
    else if (window.advance !== null) checkCountPanes(window.span, window.size, window.advance, refuse);
    return;
  }
  if (window.kind === "hopping" && durationMs(window.advance) > durationMs(window.size))
    refuse(window.advance.span, "ADVANCE BY is longer than SIZE: rows between the windows would be in none", "ADVANCE BY a part of SIZE");
  if (window.kind === "cumulating" && durationMs(window.size) % durationMs(window.advance) !== 0)
    refuse(window.advance.span, "the step of a cumulating window must divide its size", "for example SIZE 1 HOUR, STEP 10 MINUTES");
  checkPanes(window, refuse);
  checkOffset(window, refuse);
  if (window.retention !== null && durationMs(window.retention) < lengthMs(window))
    refuse(
      window.retention.span,
      "RETENTION is shorter than the window with its GRACE PERIOD",
      "leave RETENTION out: nothing follows from it",
    );
}

function checkCountPanes(span: Span, size: number, advance: number, refuse: (span: Span, message: string, hint: string) => null): void {
  const panes = size / greatestDivisor(size, advance);
  if (panes <= LIMITS.windowsOpenMax) return;
  const message = `the windows overlap in ${panes} parts, of which ${LIMITS.windowsOpenMax} may be open (windowsOpenMax)`;
  refuse(span, message, "let ADVANCE BY be a larger part of SIZE");
}

/** What is kept of each group is kept once for each pane. */
function checkPanes(window: TimedWindow, refuse: (span: Span, message: string, hint: string) => null): void {
  if (window.kind !== "hopping" && window.kind !== "cumulating") return;
  const [sizeMs, advanceMs] = [durationMs(window.size), durationMs(window.advance)];
  if (window.kind === "hopping" && window.timeZone !== null && !fitsDays(advanceMs)) {
    const message = "with a TIME ZONE, windows begin at the same times every day: ADVANCE BY divides a day, or is whole days";
    refuse(window.advance.span, message, "for example ADVANCE BY 15 MINUTES");
    return;
  }
  const panes = advanceMs === 0 ? 0 : sizeMs / greatestDivisor(sizeMs, advanceMs);
  if (panes <= LIMITS.windowsOpenMax) return;
  const message = `the windows overlap in ${panes} parts, of which ${LIMITS.windowsOpenMax} may be open (windowsOpenMax)`;
  refuse(window.advance.span, message, `let ${window.kind === "hopping" ? "ADVANCE BY" : "STEP"} be a larger part of SIZE`);
}

type TimedWindow = Exclude<Window, { kind: "count" }>;

function lengthMs(window: TimedWindow): number {
  const length: Duration = window.kind === "session" ? window.gap : window.size;
  return durationMs(length) + (window.grace === null ? 0 : durationMs(window.grace));
}

function checkOffset(window: TimedWindow, refuse: (span: Span, message: string, hint: string) => null): void {
  const { offset, kind } = window;
  if (offset === null) return;
  if (kind === "session" || kind === "sliding") {
    refuse(offset.span, `a ${kind} window begins with its rows: OFFSET has no meaning for it`, "leave OFFSET out");
    return;
  }
  const step = kind === "hopping" ? window.advance : window.size;
  if (durationMs(offset) < durationMs(step)) return;
  refuse(
    offset.span,
    `OFFSET must be shorter than ${kind === "hopping" ? "ADVANCE BY" : "SIZE"}`,
    "a whole length moves nothing: take what is left of it",
  );
}

const DAY_MS = 86_400_000;

function checkZone({ timeZone, kind, span, ...window }: Window, report: Reporter): void {
  if (timeZone === null) return;
  if (!isTimeZone(timeZone)) {
    const hint = "zones are named as in the IANA database: 'Europe/Berlin', 'UTC', '+02:00'";
    report.error("INVALID_VALUE", span, `there is no time zone '${timeZone}'`, hint);
  } else if (kind === "session" || kind === "sliding" || kind === "count") {
    report.error("INVALID_WINDOW", span, `a ${kind} window begins with its rows: TIME ZONE has no meaning for it`, "leave TIME ZONE out");
  } else if (
    "size" in window &&
    typeof window.size === "object" &&
    durationMs(window.size) > DAY_MS &&
    durationMs(window.size) % DAY_MS !== 0
  ) {
    report.error(
      "INVALID_WINDOW",
      window.size.span,
      "with a TIME ZONE, a window longer than a day has whole days",
      "for example SIZE 7 DAYS",
    );
  }
}

/** What hangs on a window stands without one, or the other way round. */
export function checkWindowed(
  { window, late, emit, having, items, from, joins }: Select,
  { aggregated, isDistinct }: { readonly aggregated: boolean; readonly isDistinct: boolean },
  report: Reporter,
): void {
  const star = items.find((item) => item.kind === "star");
  if (aggregated && !isDistinct && star !== undefined) {
    const hint = "select grouping fields, aggregates, window_start and window_end by name";
    report.error("NOT_GROUPED", star.span, "* has many values in a group", hint);
  }
  if (!aggregated && having !== null) {
    report.error("CLAUSE_NOT_ALLOWED", having.span, "HAVING filters groups, and rows are not grouped", "WHERE filters rows");
  }
  if (!aggregated && window !== null) {
    const hint = "for example SELECT deviceId, COUNT(*) … GROUP BY deviceId";
    report.error("CLAUSE_NOT_ALLOWED", window.span, "WINDOW needs aggregates or GROUP BY", hint);
  }
  if (window === null && late !== null && joins.every(({ within }) => within === null)) refuseLate(late.span, from, aggregated, report);
  if (emit?.mode === "FINAL" && window === null) {
    const message = `EMIT FINAL needs a window: ${aggregated ? "without one a group is never final" : "rows are not grouped"}`;
    report.error("CLAUSE_NOT_ALLOWED", emit.span, message, aggregated ? "EMIT CHANGES, or add WINDOW TUMBLING (SIZE …)" : "leave EMIT out");
  }
  if (emit?.mode === "EVERY" && !aggregated) {
    report.error("CLAUSE_NOT_ALLOWED", emit.span, "EMIT EVERY spaces out results that change, and rows are not grouped", "leave EMIT out");
  }
  if (emit?.mode === "EVERY" && emit.every !== null && durationMs(emit.every) === 0) {
    report.error("VALUE_OUT_OF_RANGE", emit.every.span, "EMIT EVERY takes a time greater than 0", "EMIT CHANGES sends every change");
  }
}

function refuseLate(span: Span, from: FromItem, aggregated: boolean, report: Reporter): void {
  if (from.kind === "derived" && looksAround(from.select)) {
    const counted = "rows that are behind in a frame of RANGE are counted late";
    report.error("NOT_SUPPORTED_YET", span, "LATE INTO clauses of OVER are not supported yet", counted);
    return;
  }
  const hint = aggregated ? "add WINDOW TUMBLING (SIZE …), or leave LATE INTO out" : "leave LATE INTO out";
  report.error("CLAUSE_NOT_ALLOWED", span, "LATE INTO needs a window, or WITHIN: without one no record comes too late", hint);
}
