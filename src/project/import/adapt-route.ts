import type { Clause, Ident, Path, PropertiesClause, Span } from "../../../grammar/ast.ts";
import type { InsertStatement } from "../../../grammar/statement-ast.ts";
import type { ImportOutcome } from "../../adapters/import/connector-draft.ts";
import type { ImportedConnector } from "../../adapters/import/import-connector.ts";
import { propertyRule } from "./route-properties.ts";

/** Says what became of something in a route. */
export type RouteNote = (outcome: ImportOutcome, message: string) => void;

/** Columns of the primary key by table, for routes that do not name them. */
export type Keys = ReadonlyMap<string, readonly string[]>;

const NOWHERE: Span = { start: 0, end: 0 };
const ident = (name: string): Ident => ({ name, quoted: false, span: NOWHERE });
const dotted = ({ parts }: Path): string => parts.map(({ name }) => name).join(".");

/** A route of a connector as a statement of ours: what its options said of all routes is now in each of them. */
export function adaptRoute(route: InsertStatement, connector: ImportedConnector, keys: Keys, note: RouteNote): InsertStatement {
  const { sink, draft } = connector;
  const target = adaptTarget(route.target, connector, note);
  const given = route.select.clauses.flatMap((clause) => adaptClause(clause, connector, note));
  const has = (name: Clause["name"]): boolean => given.some((clause) => clause.name === name);
  const clauses = [...given];
  const { batch } = draft;
  if (batch !== null && !has("BATCH")) clauses.push({ kind: "number", name: "BATCH", value: batch, span: NOWHERE });
  const key = keys.get(dotted(route.target)) ?? keys.get(dotted(target));
  if (key !== undefined && !has("PK")) clauses.push({ kind: "fields", name: "PK", fields: key.map(fieldOf), span: NOWHERE });
  else if (sink.connects === "cassandra" && !has("PK")) {
    const option = `--key ${dotted(target)}=column,column`;
    note(
      "differs",
      `${dotted(target)} needs PK with the columns of its primary key, which the sink took from the table: ${option} adds it`,
    );
  }
  if (sink.connects === "elasticsearch" && route.mode === "UPSERT") {
    note("differs", "UPSERT replaces the document; the sink merged the fields into it");
  }
  return { ...route, target, select: { ...route.select, clauses } };
}

const fieldOf = (text: string): Path => ({ parts: text.split(".").map(ident), span: NOWHERE });

/** Tables get their keyspace; a name that would be taken for one of a connection gets the connection before it. */
function adaptTarget(target: Path, { draft, sink }: ImportedConnector, note: RouteNote): Path {
  const [first] = target.parts;
  const isAlone = target.parts.length === 1;
  if (sink.connects === "cassandra" && isAlone) {
    if (draft.keyspace !== null) return { ...target, parts: [ident(draft.keyspace), ...target.parts] };
    note("differs", `${dotted(target)} is named without a keyspace: name it, or set connections.${draft.sink}.keyspace`);
  }
  const isTaken = !isAlone && [draft.source, draft.sink, "embedded"].includes(first?.name ?? "");
  return isTaken ? { ...target, parts: [ident(draft.sink), ...target.parts] } : target;
}

/** The clause as it is, changed, or left out with a note that says why. */
function adaptClause(clause: Clause, connector: ImportedConnector, note: RouteNote): readonly Clause[] {
  if (clause.kind === "properties") return adaptProperties(clause, connector, note);
  switch (clause.name) {
    case "WITHINDEXSUFFIX": {
      note("differs", "WITHINDEXSUFFIX takes the record's timestamp, not the clock: a replay goes into the same indexes");
      if (clause.kind !== "text") return [clause];
      const text = clause.text.replaceAll(/\{[^}]*\}/g, (pattern) => (pattern.includes("w") ? pattern : pattern.replaceAll("Y", "y")));
      if (text !== clause.text)
        note("differs", `${clause.text} is ${text} now: YYYY is the year of the week, wrong at the turn of the year`);
      return [{ ...clause, text }];
    }
    case "PK":
      if (clause.kind === "fields" && clause.fields.length > 1 && connector.sink.connects === "elasticsearch") {
        note(
          "differs",
          "ids of several columns are JSON arrays, not joined by a separator: documents of the sink stay beside the new ones",
        );
      }
      return [clause];
    case "IGNORE":
      note("differs", "IGNORE is applied; the sink read it and did nothing with it");
      return [clause];
    default:
      return [clause];
  }
}

function adaptProperties({ properties }: PropertiesClause, connector: ImportedConnector, note: RouteNote): readonly Clause[] {
  const values = new Map(properties.map(({ key, value }) => [key, value]));
  return [...values].flatMap(([key, value]) => {
    const { outcome, message, clause } = propertyRule(key, connector.sink.connects)(value, values, connector.draft);
    note(outcome, `PROPERTIES ${key}: ${message}`);
    return clause === null ? [] : [clause];
  });
}
