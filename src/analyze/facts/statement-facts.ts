/** What statements say, as plain data: for scripts, and for comparing with what other readers of a text make of it. */
import type { Formats, Join, Node, Select, Window } from "../../../grammar/ast.ts";
import type { ParseResult, SetStatement, Statement } from "../../../grammar/statement-ast.ts";
import { durationMs } from "../../../grammar/units.ts";
import { clauseFacts } from "./clause-facts.ts";
import { fieldFacts, qualifiersOf } from "./field-facts.ts";
import { nameText, sourceText, targetType } from "./name-facts.ts";

/** What is not written in a statement is left out; `docs/language` lists the names. */
export type StatementFacts = Readonly<Record<string, unknown>>;

/** What stands before a statement and counts for it. */
interface Session {
  readonly settings: Map<string, SetStatement["value"]>;
  readonly stages: string[];
}

/** Of every statement but those that only say something about the later ones. */
export function statementFacts({ text, statements }: ParseResult): StatementFacts[] {
  const session: Session = { settings: new Map(), stages: [] };
  return statements.flatMap((statement) => {
    const facts = factsOf(statement, session, text);
    return facts === null ? [] : [facts];
  });
}

function factsOf(statement: Statement, session: Session, text: string): StatementFacts | null {
  switch (statement.kind) {
    case "set":
      session.settings.set(statement.name, statement.value);
      return null;
    case "unset":
      session.settings.delete(statement.name);
      return null;
    case "with":
      session.stages.push(...statement.stages.map(({ name }) => name.name));
      return null;
    case "define":
    case "undefine":
      return null;
    case "insert": {
      const { mode, target, store, select } = statement;
      const stored = formatFacts(store, "storeKeyAs", "storeValueAs");
      return { mode, target: nameText(target), targetType: targetType(target, text), ...stored, ...selectFacts(select, session, text) };
    }
    case "select":
      return { mode: "SELECT", target: null, ...selectFacts(statement.select, session, text) };
    case "explain": {
      const facts = factsOf(statement.statement, session, text);
      return { explain: true, ...facts };
    }
    case "insert-values": {
      const { mode, target } = statement;
      return { mode, target: nameText(target), targetType: targetType(target, text), ...sessionFacts(session, []) };
    }
    case "create": {
      const { name, select } = statement;
      return { mode: "CREATE", target: nameText(name), ...(select === null ? {} : selectFacts(select, session, text)) };
    }
    default:
      return { mode: statement.kind.split("-")[0]?.toUpperCase() };
  }
}

function selectFacts(select: Select, session: Session, text: string): StatementFacts {
  const { where, window, groupBy, having, joins, readAs, eventTime, partitionBy, limit, formats, clauses } = select;
  const qualifiers = qualifiersOf(select);
  const slice = ({ span }: Node): string => text.slice(span.start, span.end);
  const join = joins.find(({ right }) => right.kind !== "unnest");
  return withoutNulls({
    source: sourceText(select.from),
    fields: fieldFacts(select),
    ...sessionFacts(
      session,
      select.with.map(({ name }) => name.name),
    ),
    readAs,
    join: join === undefined ? null : joinFacts(join, select),
    hasWhere: where !== null,
    window: window === null ? null : windowFacts(window),
    groupBy: groupBy.length === 0 ? null : groupBy.map(slice),
    hasHaving: having !== null,
    partitionBy: partitionBy.length === 0 ? null : partitionBy.map(slice),
    eventTime: eventTime === null ? null : slice(eventTime),
    ...formatFacts(formats, "keyType", "valueType"),
    ...clauseFacts(clauses, text, qualifiers),
    limit: limit?.count ?? null,
  });
}

function sessionFacts({ settings, stages }: Session, own: readonly string[]): StatementFacts {
  const cte = [...stages, ...own];
  return {
    ...(settings.size === 0 ? {} : { settings: Object.fromEntries(settings) }),
    ...(cte.length === 0 ? {} : { cte }),
  };
}

function formatFacts(formats: Formats | null, keyName: string, valueName: string): StatementFacts {
  return withoutNulls({ [keyName]: formats?.key ?? null, [valueName]: formats?.value ?? null });
}

function joinFacts({ type, right, within }: Join, { from }: Select): StatementFacts {
  const withinMs = within === null ? null : Math.max(durationMs(within.before), durationMs(within.after));
  return withoutNulls({ type, left: sourceText(from), right: sourceText(right), withinMs });
}

function windowFacts(window: Window): StatementFacts {
  const graceMs = window.grace === null ? null : durationMs(window.grace);
  const type = window.kind;
  switch (window.kind) {
    case "tumbling":
    case "sliding":
      return withoutNulls({ type, sizeMs: durationMs(window.size), graceMs });
    case "hopping":
    case "cumulating":
      return withoutNulls({ type, sizeMs: durationMs(window.size), advanceMs: durationMs(window.advance), graceMs });
    case "session":
      return withoutNulls({ type, gapMs: durationMs(window.gap), graceMs });
    case "count":
      return withoutNulls({ type, sizeRows: window.size, advanceRows: window.advance, graceMs });
  }
}

const withoutNulls = (facts: StatementFacts): StatementFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== false));
