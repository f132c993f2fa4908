import type { Frame, FrameBound } from "../../grammar/ast.ts";
import { LIMITS } from "../limits.ts";
import { DAY_MS } from "../model/calendar.ts";
import type { BoundFrame } from "../model/statement.ts";
import type { Interval } from "../model/value.ts";
import type { Bind } from "./bind-arguments.ts";
import type { Place } from "./scope.ts";

const ROWS_HINT = "for example ROWS BETWEEN 9 PRECEDING AND CURRENT ROW";
const RANGE_HINT = "for example RANGE BETWEEN INTERVAL '10' MINUTE PRECEDING AND CURRENT ROW";

/** null: all rows up to the current one. */
export function bindFrame({ unit, start, end, span }: Frame, place: Place, bind: Bind): BoundFrame | null | "refused" {
  const { report } = place.scope;
  const isRows = unit === "ROWS";
  const refuse = (message: string): "refused" => {
    report.error("INVALID_VALUE", span, message, isRows ? ROWS_HINT : RANGE_HINT);
    return "refused";
  };
  const bounds = [start, ...(end === null ? [] : [end])];
  if (bounds.some(({ direction }) => direction === "FOLLOWING")) {
    return refuse("a row is answered when it comes: rows that follow it are not there");
  }
  const distances: (number | null)[] = [];
  for (const bound of bounds) {
    const distance = distanceOf(bound, isRows, place, bind);
    if (distance === "refused")
      return refuse(isRows ? "a frame of ROWS ends so many rows before" : "a frame of RANGE ends so much time before");
    distances.push(distance);
  }
  const [from = 0, to = 0] = distances;
  if (to === null) return refuse("a frame without rows: it ends where it begins");
  if (from !== null && from < to) return refuse("a frame begins before it ends");
  if (isRows && from !== null && from > LIMITS.frameRowsMax) {
    return refuse(`a frame of more than ${LIMITS.frameRowsMax} rows (frameRowsMax)`);
  }
  return from === null && to === 0 ? null : { unit: isRows ? "rows" : "ms", from, to };
}

/** null: unbounded. */
function distanceOf({ direction, distance }: FrameBound, isRows: boolean, place: Place, bind: Bind): number | null | "refused" {
  if (direction === "CURRENT ROW") return 0;
  if (distance === null) return null;
  const bound = bind(distance, place);
  if (bound === null || bound.kind !== "literal" || bound.value === null) return "refused";
  if (isRows) {
    const rows = Number(bound.value);
    return typeof bound.value !== "string" && Number.isSafeInteger(rows) && rows >= 0 ? rows : "refused";
  }
  if (bound.type.kind !== "interval") return "refused";
  const { months, days, ms } = bound.value as Interval;
  const all = days * DAY_MS + ms;
  return months === 0 && all >= 0 ? all : "refused";
}
