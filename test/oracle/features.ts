import { isAggregated, isScattered, type SelectSpec, type SourceSpec, type StatementSpec, someExpr } from "./spec.ts";

/** What statements can be made of, and whether it runs. A statement runs where all of its features do. */
export const FEATURES = {
  tumbling: true,
  hopping: true,
  cumulating: true,
  session: true,
  count: true,
  offset: true,
  "time zone": true,
  "LATE INTO": true,
  "EMIT EVERY": true,
  DISTINCT: true,
  UNNEST: true,
  "UNION ALL": true,
  "stage of rows": true,
  "stage of groups": true,
  "stream-stream join": true,
  "stream-table join": true,
  "table-table join": true,
  "foreign-key join": true,
  "groups over partitions": true,
  "chain of joins": true,
  "groups of a join": true,
  "windows of a join": true,
  "ingestion time": true,
  "processing time": true,
  "rows of a table": true,
  "groups of a table": true,
  OVER: true,
} as const satisfies Readonly<Record<string, boolean>>;

export type Feature = keyof typeof FEATURES;

export function featuresOf(
  { select, stages, union, emit, lateInto, time }: StatementSpec,
  sources: readonly SourceSpec[],
): readonly Feature[] {
  const selects = [select, ...union, ...stages.map((stage) => stage.select)];
  const found: (Feature | false)[] = [
    ...selects.flatMap((own) => ofSelect(own, sources)),
    lateInto !== null && "LATE INTO",
    emit?.mode === "every" && "EMIT EVERY",
    union.length > 0 && "UNION ALL",
    time === "ingestion" && "ingestion time",
    time === "processing" && "processing time",
    ...stages.map((stage) => (isAggregated(stage.select) ? "stage of groups" : "stage of rows")),
  ];
  return [...new Set(found.filter((feature) => feature !== false))];
}

function ofSelect(select: SelectSpec, sources: readonly SourceSpec[]): readonly (Feature | false)[] {
  const { window, distinct, unnest, items, from, join, further } = select;
  const isGrouped = join !== null && isAggregated(select);
  const isTable = (name: string): boolean => sources.some((source) => source.name === name && source.kind === "table");
  const isTimed = window !== null && "offsetMs" in window;
  return [
    window?.kind ?? false,
    isTimed && window.offsetMs > 0 && "offset",
    isTimed && window.timeZone !== null && "time zone",
    distinct && "DISTINCT",
    isScattered(select, sources) && "groups over partitions",
    unnest !== null && "UNNEST",
    items.some(({ expr }) => someExpr(expr, ({ kind }) => kind === "over")) && "OVER",
    join === null && isTable(from) && (isAggregated(select) ? "groups of a table" : "rows of a table"),
    join !== null && joinKind(select, isTable),
    further !== undefined && "chain of joins",
    isGrouped && "groups of a join",
    isGrouped && window !== null && "windows of a join",
  ];
}

function joinKind({ from, join }: SelectSpec, isTable: (name: string) => boolean): Feature {
  if (join?.within !== null) return "stream-stream join";
  if (!isTable(from)) return "stream-table join";
  return join.on.left === "k" ? "table-table join" : "foreign-key join";
}

export const runs = (feature: Feature): boolean => FEATURES[feature];
