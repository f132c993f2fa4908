import type { Path, Span } from "../../grammar/ast.ts";
import { likeliest } from "../../grammar/nearest.ts";
import type { CreateStatement, ParseResult, SetStatement, Statement, UnsetStatement } from "../../grammar/statement-ast.ts";
import type { Catalog, DeclaredStream } from "../catalog/catalog.ts";
import type { StatementSettings } from "../model/statement.ts";
import { declarePlace, isAsSelect } from "./create-as-select.ts";
import { declareStream } from "./declare-stream.ts";
import { didYouMean, hasErrors, type Reporter } from "./reporter.ts";
import { findStream, type Names, resolveTarget } from "./resolve-name.ts";
import { INITIAL_SETTINGS, SETTING_NAMES, type Settings, withoutSetting, withSetting } from "./settings.ts";

const NOWHERE: Span = { start: 0, end: 0 };

/** What SET statements and the configuration have said so far. A value: every statement keeps its own. */
export interface Session {
  readonly settings: Settings;
  /** Where 'dead.letters' was set. */
  readonly deadLettersSpan: Span;
}

/** `given`: from sluice.yaml, so its errors have no place in the text. */
export function openSession(given: Readonly<Record<string, unknown>>, catalog: Catalog, report: Reporter): Session {
  let session: Session = { settings: INITIAL_SETTINGS, deadLettersSpan: NOWHERE };
  for (const [name, value] of Object.entries(given)) session = change(session, name, value, NOWHERE, catalog, report);
  return session;
}

export function applySet(session: Session, { name, value, span }: SetStatement, catalog: Catalog, report: Reporter): Session {
  // A SET that ends before its name has had its error.
  if (name === "" && hasErrors(report.diagnostics)) return session;
  return change(session, name, value, span, catalog, report);
}

/** Back to what it is initially. */
export function applyUnset(session: Session, { name, span }: UnsetStatement, report: Reporter): Session {
  const settings = withoutSetting(session.settings, name);
  if (settings !== null) return { ...session, settings };
  report.error(
    "UNKNOWN_SETTING",
    span,
    `there is no setting '${name}'`,
    didYouMean(likeliest(name, SETTING_NAMES)) ?? `settings are ${SETTING_NAMES.join(", ")}`,
  );
  return session;
}

function change(session: Session, name: string, value: unknown, span: Span, catalog: Catalog, report: Reporter): Session {
  const result = withSetting(session.settings, name, value);
  if (!result.ok) {
    report.error(result.code, span, result.message, result.hint);
    return session;
  }
  const { settings } = result;
  for (const key of ["source", "sink"] as const) {
    const connection = settings[key];
    if (connection === session.settings[key] || connection === null || catalog.connections.has(connection)) continue;
    const known = [...catalog.connections.keys()];
    const hint = didYouMean(likeliest(connection, known)) ?? `connections are ${known.join(", ")}`;
    report.error("UNKNOWN_CONNECTION", span, `there is no connection '${connection}'`, hint);
    return session;
  }
  const isDeadLetters = settings["dead.letters"] !== session.settings["dead.letters"];
  return { settings, deadLettersSpan: isDeadLetters ? span : session.deadLettersSpan };
}

export function sourceOf({ settings }: Session, catalog: Catalog): string {
  return settings.source ?? catalog.defaultSource;
}

export function sinkOf({ settings }: Session, catalog: Catalog): string {
  return settings.sink ?? catalog.defaultSink;
}

/** CREATE STREAM or TABLE, added to those known so far. null: nothing was, as it is there already or was refused. */
export function addStream(
  streams: Map<string, DeclaredStream>,
  statement: CreateStatement,
  session: Session,
  catalog: Catalog,
  report: Reporter,
): DeclaredStream | null {
  const source = sourceOf(session, catalog);
  const stream = isAsSelect(statement)
    ? declarePlace(statement, source, catalog, report)
    : declareStream(statement, source, catalog, report);
  if (stream === null) return null;
  const known = findStream(streams, stream.name);
  if (known !== null && statement.ifNotExists) return null;
  if (known !== null && !statement.orReplace) {
    const message = `the ${known.kind} '${stream.name}' is declared already`;
    return report.error("DUPLICATE_NAME", statement.name.span, message, "CREATE OR REPLACE takes its place, IF NOT EXISTS leaves it");
  }
  if (known !== null) streams.delete(known.name);
  streams.set(stream.name, stream);
  return stream;
}

export function statementSettings(session: Session, names: Names): StatementSettings {
  const { settings } = session;
  const deadLetters = settings["dead.letters"];
  const path = deadLetters === null ? null : pathOf(deadLetters, session.deadLettersSpan);
  return {
    errorPolicy: settings["error.policy"],
    retriesMax: settings["max.retries"],
    retryIntervalMs: settings["retry.interval"],
    commitIntervalMs: settings["commit.interval"],
    idleTimeoutMs: settings["idle.timeout"],
    time: settings.time,
    errorBudget: settings["error.budget"],
    deadLettersMask: settings["dead.letters.mask"] ?? [],
    deadLettersRetentionMs: settings["dead.letters.retention"],
    deadLetters: path === null ? null : resolveTarget(path, sinkOf(session, names.catalog), names),
    start: settings.start,
    autocreate: settings.autocreate,
    delivery: settings.delivery,
    pace: settings.pace,
    lookup: {
      cacheRows: settings["lookup.cache.rows"],
      cacheTtlMs: settings["lookup.cache.ttl"],
      timeoutMs: settings["lookup.timeout"],
    },
  };
}

function pathOf(text: string, span: Span): Path {
  return { parts: text.split(".").map((name) => ({ name, quoted: false, span })), span };
}

/** Statements without a syntax error: of the others too little is known to say more about them. */
export function soundStatements({ statements, diagnostics, text }: ParseResult): readonly Statement[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ span }) => span.start);
  return statements.filter((statement, index) => {
    const end = statements[index + 1]?.span.start ?? text.length + 1;
    return !errors.some((offset) => offset >= statement.span.start && offset < end);
  });
}
