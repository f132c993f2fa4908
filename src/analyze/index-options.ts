/** What PROPERTIES say of indexes that needs more to be checked than the value: dated indexes that retire, data streams. */
import type { Clause, PropertiesClause, Select, Span, TextClause } from "../../grammar/ast.ts";
import { DatedPeriods } from "../model/dated-periods.ts";
import type { BoundStatement } from "../model/statement.ts";
import type { IndexRetirement } from "../model/target-options.ts";
import type { BoundProperties } from "./properties.ts";
import type { Reporter } from "./reporter.ts";

/** null: nothing retires, or not so, and it was reported. */
export function retirementOf(
  clause: PropertiesClause | undefined,
  { closeAfterMs, deleteAfterMs, revives }: BoundProperties,
  suffix: TextClause | undefined,
  report: Reporter,
): IndexRetirement | null {
  const first = closeAfterMs === null ? "delete.after" : "close.after";
  const span = spanOf(clause, first);
  if (closeAfterMs === null && deleteAfterMs === null) {
    if (revives) report.error("CLAUSE_NOT_ALLOWED", spanOf(clause, "retired.indexes"), "no index of the target is ever retired", HINT);
    return null;
  }
  if (suffix === undefined) {
    const hint = "WITHINDEXSUFFIX = '_{yyyy-MM-dd}' makes an index of each day";
    return report.error("CLAUSE_NOT_ALLOWED", span, `'${first}' is about dated indexes, and the target is one index`, hint);
  }
  const periods = DatedPeriods.of(suffix.text);
  // A pattern that is none is reported where it stands.
  if (typeof periods === "string")
    return report.error("CLAUSE_NOT_ALLOWED", span, `'${first}' cannot go by this suffix: ${periods}`, "for example _{yyyy-MM-dd}");
  if (closeAfterMs !== null && deleteAfterMs !== null && deleteAfterMs < closeAfterMs)
    return report.error("INVALID_VALUE", spanOf(clause, "delete.after"), "'delete.after' comes before 'close.after'", "swap them");
  return { closeAfterMs, deleteAfterMs, revives };
}

const HINT = "'close.after' and 'delete.after' say when";

/** Once it is known what the statement writes. */
export function checkIndexOptions(select: Pick<Select, "clauses">, statement: BoundStatement, report: Reporter): void {
  const { dataStream, retirement } = statement.targetOptions;
  if (dataStream) refuseReplacing(select, statement, report);
  if (retirement !== null) refuseRetiringNames(select, statement, report);
}

/** A data stream takes no change of what is in it: rows need ids of their own, and a time. */
function refuseReplacing(
  { clauses }: Pick<Select, "clauses">,
  statement: Pick<BoundStatement, "mode" | "identity" | "items" | "suffix" | "targetName" | "aggregated">,
  report: Reporter,
): void {
  const span = spanOf(propertiesOf(clauses), "data.stream");
  const refuse = (message: string, hint: string): void => void report.error("CLAUSE_NOT_ALLOWED", span, message, hint);
  const { mode, identity, items, suffix, targetName, aggregated } = statement;
  const isReplacing = mode === "upsert" || aggregated || identity.kind === "columns";
  if (isReplacing) refuse("rows with a key replace each other, and nothing in a data stream can be replaced", "write to an index");
  if (suffix !== null) refuse("a data stream has no dated indexes of ours", "leave WITHINDEXSUFFIX out: it makes indexes of its own");
  if (targetName !== null) refuse("a data stream has a fixed name, and the records name this target", "write to indexes");
  const isOpen = items.some(({ kind }) => kind !== "column");
  if (!isOpen && !items.some((item) => item.kind === "column" && item.name === TIME_COLUMN)) {
    refuse(`each row of a data stream has a time, in a column ${TIME_COLUMN}`, "add it: SELECT time AS `@timestamp`, …");
  }
}

/** Which indexes a target has that records name nobody knows before they come. */
function refuseRetiringNames(
  { clauses }: Pick<Select, "clauses">,
  { targetName }: Pick<BoundStatement, "targetName">,
  report: Reporter,
): void {
  if (targetName === null) return;
  const message = `indexes whose names ${targetName.text} says are not closed or deleted by their age`;
  report.error("CLAUSE_NOT_ALLOWED", spanOf(propertiesOf(clauses), "close.after"), message, "write to a target with a fixed name");
}

const TIME_COLUMN = "@timestamp";

function propertiesOf(clauses: readonly Clause[]): PropertiesClause | undefined {
  return clauses.find((clause): clause is PropertiesClause => clause.kind === "properties");
}

function spanOf(clause: PropertiesClause | undefined, name: string): Span {
  const property = clause?.properties.find(({ key }) => key.toLowerCase() === name);
  return property?.span ?? clause?.span ?? { start: 0, end: 0 };
}
