import { type LookupProgress, type RouteProgress, STATEMENT_STATES, type StatementCounters } from "../../runtime/protocol.ts";
import type { ServerContext } from "../server-context.ts";
import { lagSeconds, standings, watermarkDelaySeconds, worst } from "../standings.ts";
import { byState, eachOf, type Families, type Sample } from "./families.ts";

type Outcomes = Readonly<Partial<Record<keyof StatementCounters, string>>>;

/** What became of records, and of changes: `in` is the sum of the others, as is `sent` of its own. */
export const RECORDS: Outcomes = { applied: "applied", filtered: "filtered", late: "late", deadLettered: "dead_lettered" };
const CHANGES: Outcomes = { written: "written", superseded: "superseded", rejected: "rejected" };

/** A sample for each outcome. */
export function byOutcome([labels, counters]: Sample<StatementCounters>, outcomes: Outcomes): readonly Sample[] {
  return Object.entries(outcomes).map(([name, outcome]) => [{ ...labels, outcome }, counters[name as keyof StatementCounters]]);
}

export function statementMetrics(families: Families, context: ServerContext): void {
  const each = eachOf(() => standings(context));
  const outcomes = (kinds: Outcomes) => () => standings(context).flatMap(([labels, { counters }]) => byOutcome([labels, counters], kinds));
  const nowMs = (): number => context.env.clock.now();
  families.gauge(
    "sluice_statement_state",
    "1 for the state that the statement is in, 0 for the others.",
    byState(
      each(({ state }) => state),
      STATEMENT_STATES,
    ),
  );
  families.counter(
    "sluice_statement_in_total",
    "Records taken since the beginning of the statement's state.",
    each(({ counters }) => counters.in),
  );
  families.counter("sluice_statement_records_total", "What became of them.", outcomes(RECORDS));
  families.counter(
    "sluice_statement_sent_total",
    "Changes given to the target.",
    each(({ counters }) => counters.sent),
  );
  families.counter("sluice_statement_changes_total", "What became of them.", outcomes(CHANGES));
  families.gauge(
    "sluice_statement_lag_records",
    "Records between the statement's positions and the ends of its topic.",
    each(({ lag }) => lag),
  );
  families.gauge(
    "sluice_statement_lag_seconds",
    "Age of the last record taken in the partition that is furthest behind.",
    each((statement) => worst(statement, lagSeconds, nowMs())),
  );
  families.gauge(
    "sluice_statement_watermark_delay_seconds",
    "How far event time is behind the clock, in the partition where it is most.",
    each((statement) => worst(statement, watermarkDelaySeconds, nowMs())),
  );
  families.gauge(
    "sluice_statement_state_size_bytes",
    "Groups and windows in memory.",
    each(({ partitions }) => partitions.reduce((total, { stateBytes }) => total + stateBytes, 0)),
  );
  routeMetrics(families, context);
  lookupMetrics(families, context);
}

function lookupMetrics(families: Families, context: ServerContext): void {
  const each = (): readonly Sample<LookupProgress>[] =>
    standings(context).flatMap(([labels, { lookups = [] }]) =>
      lookups.map((lookup) => [{ ...labels, table: lookup.table }, lookup] as const),
    );
  families.counter("sluice_lookup_rows_total", "Records for which a row was looked up, in this run: it was known, or asked for.", () =>
    each().flatMap(([labels, { hits, misses }]): readonly Sample[] => [
      [{ ...labels, outcome: "hit" }, hits],
      [{ ...labels, outcome: "miss" }, misses],
    ]),
  );
  families.counter("sluice_lookup_errors_total", "Requests for rows that failed, in this run.", () =>
    each().map(([labels, { errors }]): Sample => [labels, errors]),
  );
}

function routeMetrics(families: Families, context: ServerContext): void {
  const each = eachOf<RouteProgress>(() =>
    standings(context).flatMap(([labels, { routes, target }]) =>
      routes.map((route) => [{ ...labels, target, route: route.to }, route] as const),
    ),
  );
  families.gauge(
    "sluice_route_queue_bytes",
    "Changes that wait for the target.",
    each(({ queuedBytes }) => queuedBytes),
  );
  families.counter(
    "sluice_route_retries_total",
    "Tries after the first, in this run: of opening, of writes, of changes.",
    each(({ retries }) => retries),
  );
  families.histogram(
    "sluice_route_write_seconds",
    "Time of single writes to the target, in this run.",
    each(({ writes }) => writes),
  );
}
