import { type CaseSpec, isAggregated, isBad, isScattered, type JoinSpec, joinsOf, type StatementSpec, throughRows } from "./spec.ts";

/** What a statement of a case is, by each of the ways in which statements differ. */
export const AXES = {
  window: ({ select }: StatementSpec) => select.window?.kind ?? "no window",
  emit: ({ emit }: StatementSpec) => (emit === null ? "EMIT by default" : `EMIT ${emit.mode.toUpperCase()}`),
  late: ({ lateInto }: StatementSpec) => (lateInto === null ? "late dropped" : "LATE INTO"),
  into: ({ into }: StatementSpec) => `into a ${into}`,
  gives: shapeOf,
  reads: readsOf,
  stage: ({ stages: [stage] }: StatementSpec) =>
    stage === undefined ? "no stage" : `stage of ${isAggregated(stage.select) ? "groups" : "rows"}`,
  partitions: partitionsOf,
  time: ({ time = "event" }: StatementSpec) => `${time} time`,
  runs: (_: StatementSpec, { runs }: CaseSpec) => (runs.length === 1 ? "one run" : "several runs"),
  end: (_: StatementSpec, { closes }: CaseSpec) => (closes ? "closed" : "left open"),
  records: (_: StatementSpec, { sources }: CaseSpec) =>
    sources.some(({ records }) => records.some(({ values }) => Object.values(values ?? {}).some(isBad)))
      ? "some unreadable"
      : "all readable",
} as const satisfies Readonly<Record<string, (statement: StatementSpec, given: CaseSpec) => string>>;

export type Axis = keyof typeof AXES;

function shapeOf({ select }: StatementSpec): string {
  if (select.items.some(({ expr }) => expr.kind === "over")) return "OVER";
  if (select.distinct) return "DISTINCT";
  return isAggregated(select) ? "groups" : "rows";
}

function readsOf({ select, union, stages: [stage] }: StatementSpec, { sources }: CaseSpec): string {
  const isTable = (name: string): boolean => sources.some((source) => source.name === name && source.kind === "table");
  const [join, further] = joinsOf(select);
  if (union.length > 0) return "a union";
  if (select.unnest !== null) return "elements";
  const from = stage?.select.from ?? select.from;
  if (join === undefined) return sources.every(({ name }) => name !== from) ? "another statement" : isTable(from) ? "a table" : "a stream";
  const right = (own: JoinSpec): string => (own.within === null ? "table" : "stream");
  const left = isTable(from) ? "table" : "stream";
  if (further !== undefined) return `chain ${left}–${right(join)}–${right(further)}`;
  return `${left}–${right(join)} ${join.on.left === "k" ? "" : "foreign key "}${join.type}`;
}

function partitionsOf({ select, stages: [stage] }: StatementSpec, { sources }: CaseSpec): string {
  if (sources[0]?.partitions === 1) return "one partition";
  const through = stage === undefined ? select : isAggregated(stage.select) ? stage.select : throughRows(select, stage.select);
  return isScattered(through, sources) ? "groups over partitions" : "groups by key";
}
