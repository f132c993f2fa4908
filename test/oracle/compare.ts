import type { Document, Expected } from "./reference.ts";
import { documentOf } from "./reference-input.ts";
import type { Found } from "./run-case.ts";
import type { CaseSpec, StatementSpec } from "./spec.ts";

/** What differs, in words; null: nothing. Rows have no order, doubles are the same in twelve digits. */
export function differenceOf(statement: StatementSpec, given: CaseSpec, expected: Expected, found: Found): string | null {
  const { in: taken, applied, filtered, late, deadLettered, sent, written, superseded, rejected } = found.counters;
  if (taken !== applied + filtered + late + deadLettered) return `records do not balance: ${JSON.stringify(found.counters)}`;
  if (sent !== written + superseded + rejected) return `changes do not balance: ${JSON.stringify(found.counters)}`;
  const rows = rowsDifference(expected.rows, found.rows);
  if (rows !== null) return rows;
  const counters = { in: taken, applied, filtered, late, deadLettered };
  if (textOf(counters) !== textOf(expected.counters)) return `counters: expected ${textOf(expected.counters)}, found ${textOf(counters)}`;
  if (statement.lateInto === null) return null;
  const columns = given.sources.find(({ name }) => name === "s")?.columns ?? [];
  const documents = expected.late.map((record) => JSON.parse(documentOf(record, columns) ?? "null") as Document);
  const lateRows = rowsDifference(documents, found.late);
  return lateRows === null ? null : `late records: ${lateRows}`;
}

export function rowsDifference(expected: readonly Document[], found: readonly Document[]): string | null {
  const left = found.map(textOf);
  const missing = expected.map(textOf).filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0 && left.length === 0) return null;
  const some = (texts: readonly string[]): string => [...texts].sort().slice(0, 8).join("\n  ");
  return `${missing.length} of ${expected.length} rows are missing:\n  ${some(missing)}\n${left.length} of ${found.length} are too many:\n  ${some(left)}`;
}

function textOf(value: object): string {
  return JSON.stringify(value, (_, cell: unknown) =>
    typeof cell === "number" && cell !== 0 ? Number(cell.toPrecision(12)) : cell === 0 ? 0 : cell,
  );
}
