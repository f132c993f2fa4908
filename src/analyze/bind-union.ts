import type { Select } from "../../grammar/ast.ts";
import type { BoundQuery, QueryColumns } from "../model/query.ts";
import type { DataType } from "../model/type.ts";
import { type BoundSelect, bindSelect, type SelectInput } from "./bind-select.ts";
import type { Reporter } from "./reporter.ts";
import { dotted } from "./resolve-name.ts";
import { commonType } from "./type-rules.ts";

/**
 * A SELECT, and the further members of its UNION ALL: each is a statement with cursors of its own, which writes columns of the
 * same names and types to the same target. The first has the name of the whole, the others the topic that they read behind it.
 */
export function bindMembers(input: SelectInput, report: Reporter): readonly BoundSelect[] {
  const { select, name } = input;
  const first = bindSelect(input, report);
  if (first === null || first.statement === null || select.union.length === 0) return first === null ? [] : [first];
  const columns = commonColumns([first.query, ...first.query.union]);
  const names = new Set<string>();
  const members = [{ ...select, union: [] }, ...select.union.map((member) => memberOf(member, select))];
  return members
    .flatMap((member, index) => {
      const own = index === 0 ? name : freeName(`${name}/${sourceName(member)}`, names);
      return bindSelect({ ...input, name: own, reportedAs: name, select: member, columns }, report) ?? [];
    })
    .map((bound) => ({ ...bound, query: first.query }));
}

/** What stands behind the last member belongs to all of them. */
function memberOf(member: Select, { with: stages, startAt, late, emit, limit, clauses }: Select): Select {
  return { ...member, with: stages, startAt, late, emit, limit, clauses };
}

function sourceName({ from }: Select): string {
  if (from.kind === "relation") return dotted(from.path);
  return from.alias?.name ?? "query";
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}~${number}`;
  taken.add(free);
  return free;
}

/** Names of the first, types that hold the values of all; null: not all columns are known. */
function commonColumns(members: readonly BoundQuery[]): QueryColumns {
  const [first, ...others] = members.map(columnsOf);
  if (first === undefined || first === null || others.includes(null)) return null;
  return first.map(({ name, type }, index) => ({
    name,
    type: others.reduce((common: DataType, other) => commonType(common, other?.[index]?.type ?? common) ?? common, type),
  }));
}

function columnsOf({ items }: BoundQuery): QueryColumns {
  const columns = items.flatMap((item) => (item.kind === "column" ? [{ name: item.name, type: item.expr.type }] : []));
  return columns.length < items.length ? null : columns;
}
