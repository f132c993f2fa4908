import type { Select, Stage } from "../../grammar/ast.ts";
import type { BoundTarget } from "../model/statement.ts";
import { bindEmit } from "./clauses.ts";
import { dotted, type ResolvedSource, topicKey } from "./resolve-name.ts";
import { groupingOf } from "./row-wise.ts";

/** What an INSERT of a pipeline reads and writes. */
export interface Written {
  readonly select: Select;
  readonly stages: readonly Stage[];
  readonly target: BoundTarget;
  /** The topic after FROM; null: it is none, or reported. */
  readonly find: (select: Select) => ResolvedSource | null;
}

/**
 * The topics in which records replace each other by their key, by `topicKey`: those into which changes of groups are written, or rows of
 * such topics. A statement of the pipeline that reads one undeclared reads a table.
 */
export function changingTopics(inserts: readonly Written[]): ReadonlySet<string> {
  const changing = new Set<string>();
  for (let known = -1; known < changing.size; ) {
    known = changing.size;
    for (const insert of inserts) if (isChanging(insert, changing)) changing.add(`${insert.target.connection}.${insert.target.name}`);
  }
  return changing;
}

function isChanging({ select, stages, target, find }: Written, changing: ReadonlySet<string>): boolean {
  if (target.kind !== "topic") return false;
  const windowed = select.window !== null;
  return isGrouped(select) ? bindEmit(select, { target, windowed }) === "changes" : readsChanges(select, stages, find, changing);
}

const isGrouped = (select: Select): boolean => groupingOf(select) !== null || select.distinct;

/** Whether the rows of a query that makes no groups of them replace each other. */
function readsChanges(select: Select, stages: readonly Stage[], find: Written["find"], changing: ReadonlySet<string>): boolean {
  const { from, readAs } = select;
  if (readAs !== null) return readAs === "TABLE";
  if (select.joins.length > 0) return false;
  const known = [...stages, ...select.with];
  const inner = from.kind === "derived" ? from.select : from.kind === "relation" ? stageOf(dotted(from.path), known) : null;
  if (inner !== null) return isGrouped(inner) || readsChanges(inner, known, find, changing);
  const source = find(select);
  if (source === null) return false;
  return source.stream === null ? changing.has(topicKey(source)) : source.stream.kind === "table";
}

function stageOf(name: string, stages: readonly Stage[]): Select | null {
  return stages.findLast((stage) => stage.name.name === name)?.select ?? null;
}
