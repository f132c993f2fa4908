import { must } from "../assert.ts";
import type { FieldPath } from "../model/column-batch.ts";
import { shortDuration } from "../model/duration-text.ts";
import type { BoundExpr } from "../model/expression.ts";
import { jsonTextOf } from "../model/json-value.ts";
import { type BoundJoinStep, type BoundLookup, canRepartition, type StatementSettings, sidesOf } from "../model/statement.ts";
import type { RouteTarget } from "../ports/sink.ts";
import { boundText } from "./bound-text.ts";
import { compileStatement } from "./code/compile-statement.ts";
import { earlyConditions } from "./code/early-conditions.ts";
import { unnestText, windowText, withinText } from "./explain-query.ts";
import { itemText } from "./item-text.ts";
import type { PipelinePlan, SourcePlan, StatementPlan } from "./pipeline-plan.ts";

/** A step of a plan, as a tree that is printed or drawn. */
export interface ExplainNode {
  readonly step: string;
  readonly detail: string;
  readonly inputs: readonly ExplainNode[];
}

/** One tree per statement, from its target down to the shared poll of its source. */
export function explainPipeline(plan: PipelinePlan): readonly ExplainNode[] {
  return plan.sources.flatMap((source) =>
    source.statements.map((index) => explainStatement(plan.statements[index] as StatementPlan, plan.sources)),
  );
}

/** Lines of the trees, with what they share said once. */
export function explainText(plan: PipelinePlan, options: { readonly code?: boolean } = {}): string {
  const lines: string[] = [];
  for (const source of plan.sources) {
    const fields = source.fields.map(
      (field) =>
        `${field.root === "value" ? "" : `_${field.root}`}${field.path.map((name) => `.${name}`).join("")}`.replace(/^\./, "") || "*",
    );
    const count = plan.statements.filter(({ inputs }) => inputs.some((input) => plan.sources[input.source] === source)).length;
    const readers = `${count} ${count === 1 ? "statement" : "statements"}`;
    lines.push(`poll ${source.connection}.${source.topic}: once for ${readers}, fields ${fields.join(", ") || "none"}`);
  }
  const statements = plan.sources.flatMap((source) => source.statements.map((index) => plan.statements[index] as StatementPlan));
  for (const statement of statements) {
    const { name, reportedAs } = statement.statement;
    lines.push(
      "",
      `statement ${name}${name === reportedAs ? "" : `: of the UNION ALL ${reportedAs}`}`,
      ...treeLines(explainStatement(statement, plan.sources), "  "),
    );
    if (options.code === true)
      lines.push(
        "",
        ...compileStatement(statement)
          .source.split("\n")
          .map((line) => `  | ${line}`),
      );
  }
  return lines.join("\n");
}

/** A step a line, its inputs indented below it. */
export function treeLines(node: ExplainNode, indent: string): string[] {
  return [
    `${indent}${node.step}${node.detail === "" ? "" : `  ${node.detail}`}`,
    ...node.inputs.flatMap((input) => treeLines(input, `${indent}  `)),
  ];
}

function explainStatement(plan: StatementPlan, sources: readonly SourcePlan[]): ExplainNode {
  return { step: "route", detail: routeDetail(plan), inputs: [rowsNode(plan, sources)] };
}

/** What a statement, or a stage in front of it, makes of what it reads. */
function rowsNode(plan: StatementPlan, sources: readonly SourcePlan[]): ExplainNode {
  const { statement, sides } = plan;
  const text = (expr: Parameters<typeof boundText>[0]): string => boundText(expr, { ...statement, fields: plan.fields });
  const sideNode = (side: number): ExplainNode => {
    const { stage } = must(sides[side]);
    return stage === null ? { step: "scan", detail: scanDetail(plan, side, sources), inputs: [] } : rowsNode(stage, sources);
  };
  let node = sideNode(0);
  for (const lookup of statement.lookups)
    node = { step: "look up", detail: lookupDetail(lookup, statement.settings, text), inputs: [node] };
  for (const [index, join] of statement.joins.entries()) {
    const early = (of: ExplainNode, side: "left" | "right"): ExplainNode => {
      const asked = earlyConditions(statement, index, side).map(text);
      return asked.length === 0 ? of : { step: "filter", detail: asked.join(" and "), inputs: [of] };
    };
    const inputs = [early(node, "left"), early(sideNode(index + 1), "right")];
    node = { step: `${join.type} join`, detail: joinDetail(join, text), inputs };
  }
  for (const unnest of statement.unnests) node = { step: "unnest", detail: unnestText(unnest, text), inputs: [node] };
  if (statement.where !== null) node = { step: "filter", detail: text(statement.where), inputs: [node] };
  if (statement.aggregated) {
    const window = statement.window === null ? "" : `${windowText(statement.window)}; `;
    const group = statement.groupBy.length === 0 ? "all" : statement.groupBy.map(text).join(", ");
    node = {
      step: "aggregate",
      detail: `${window}by ${group}: ${statement.aggregates.map((aggregate) => aggregate.text).join(", ") || "nothing"}`,
      inputs: [node],
    };
    const { partitions } = must(sources[must(plan.inputs[0]).source]);
    if (statement.needsSinglePartition && canRepartition(statement) && partitions !== 1) {
      const where = partitions === null ? "where the topic has several partitions" : `over ${partitions} partitions`;
      node = { step: "repartition", detail: `partial results by group, ${where}`, inputs: [node] };
      node = { step: "merge", detail: "of each group what the partitions of the source have", inputs: [node] };
    }
    if (statement.having !== null) node = { step: "having", detail: text(statement.having), inputs: [node] };
  }
  const { over } = statement;
  if (over?.kind === "running") node = { step: "look back", detail: over.calls.map((call) => call.text).join(", "), inputs: [node] };
  const items = statement.items.map((item) => itemText(item, text));
  node = { step: "project", detail: items.join(", "), inputs: [node] };
  if (over?.kind !== "ranking") return node;
  const first = over.limit === 1 ? "the first place" : `the first ${over.limit} places`;
  return { step: "rank", detail: `${over.columns.map((column) => column.text).join(", ")}; ${first}`, inputs: [node] };
}

function scanDetail({ statement, fields, inputs, sides }: StatementPlan, side: number, sources: readonly SourcePlan[]): string {
  const { connection, topic, valueFormat, partitions: declared } = must(sources[must(inputs[must(sides[side]).input]).source]);
  const { eventTime, eventTimeExpr, reads } = must(sidesOf(statement)[side]).source;
  const name = `${connection}.${topic} as ${valueFormat}`;
  if (reads === "table" && statement.joins.length > 0) return `${name}, a table`;
  const read = statement.settings.time === "processing" ? "when it was first read" : undefined;
  const time = read ?? eventTimeExpr?.text ?? (eventTime === null ? "record timestamp" : fields[eventTime]?.text);
  const isScattered = statement.needsSinglePartition && !canRepartition(statement) && declared !== 1;
  const grouping = isScattered ? "; the grouping is not covered by the record key: all partitions are read as one log" : "";
  const { start } = statement.settings;
  const from = typeof start === "number" ? `, from ${jsonTextOf("timestamp")(start)} on` : "";
  return `${name}, event time: ${time}${from}${grouping}`;
}

function joinDetail({ keys, residual, within, coPartitioned }: BoundJoinStep, text: (expr: BoundExpr) => string): string {
  const on = [...keys.map(({ left, right }) => `${text(left)} = ${text(right)}`), ...(residual === null ? [] : [text(residual)])];
  const time = within === null ? "" : ` ${withinText(within)}`;
  return `on ${on.join(" and ")}${time}${coPartitioned ? "" : "; ON does not compare the record keys: all partitions are read as one log"}`;
}

function lookupDetail(
  { type, connection, name, keys, residual }: BoundLookup,
  { lookup: { cacheRows, cacheTtlMs, timeoutMs } }: StatementSettings,
  text: (expr: BoundExpr) => string,
): string {
  const fieldText = ({ root, path }: FieldPath): string => (root === "key" ? "_key" : path.join("."));
  const on = [...keys.map(({ field, value }) => `${fieldText(field)} = ${text(value)}`), ...(residual === null ? [] : [text(residual)])];
  const cache = cacheRows === 0 ? "no rows kept" : `up to ${cacheRows} rows kept for ${cacheTtlMs} ms`;
  return `${type}: in ${connection}.${name} by ${on.join(" and ")}; ${cache}, requests of ${timeoutMs} ms at most`;
}

function optionsText(options: RouteTarget["options"]): string {
  const { ingestPipeline, autoevolve, compression, consistency, nullsUnset, dataStream, retirement } = options;
  const { closeAfterMs = null, deleteAfterMs = null, revives = false } = retirement ?? {};
  const said = [
    dataStream ? "data stream" : null,
    closeAfterMs === null ? null : `closed after ${shortDuration(closeAfterMs)}`,
    deleteAfterMs === null ? null : `deleted after ${shortDuration(deleteAfterMs)}`,
    revives ? "revived by rows of their time" : null,
    ingestPipeline === null ? null : `ingest pipeline ${ingestPipeline}`,
    autoevolve ? "columns are added" : null,
    compression === null ? null : `compressed by ${compression}`,
    consistency === null ? null : `consistency ${consistency}`,
    nullsUnset ? "NULL leaves cells alone" : null,
  ].filter((text) => text !== null);
  return said.length === 0 ? "" : ` (${said.join(", ")})`;
}

function routeDetail(plan: StatementPlan): string {
  const { statement, route } = plan;
  if (route === null) return "to whoever asked";
  const identity =
    statement.identity.kind === "coordinates"
      ? `topic-partition-offset${statement.unnests.length > 0 && !statement.aggregated ? "-element" : ""}`
      : statement.identity.columns.map((column) => column.name).join(", ") || "one row";
  const emit = statement.aggregated ? `, emit ${statement.emit}` : "";
  const suffix = route.suffix === null ? "" : ` with suffix ${route.suffix}`;
  const shared = statement.idsCoveredByKey ? "" : "; ids may come from several partitions: the highest version wins";
  const { targetName } = statement;
  const name = targetName === null ? `${route.connection}.${route.name}` : `of ${route.connection} that ${targetName.text} names`;
  const target = `${route.kind} ${name}${suffix}${optionsText(route.options)}`;
  return `to ${target}, id: ${identity}${emit}; on error: ${statement.settings.errorPolicy}${shared}`;
}
