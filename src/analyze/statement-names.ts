import type { InsertStatement } from "../../grammar/statement-ast.ts";
import type { BoundTarget } from "../model/statement.ts";
import type { Reporter } from "./reporter.ts";

interface Named {
  readonly statement: InsertStatement;
  readonly target: BoundTarget;
}

/**
 * A statement's name says which state is its own: `@name`, else `target#n`, n counting the statements with that target.
 * Where two connections have targets of one name, the later ones carry their connection, so that a statement added
 * at the end renames none before it.
 */
export function nameStatements(statements: readonly Named[], report: Reporter): readonly string[] {
  const owners = new Map<string, string>();
  const counts = new Map<string, number>();
  const taken = new Set<string>();
  return statements.map(({ statement, target }) => {
    const owner = owners.get(target.name) ?? target.connection;
    owners.set(target.name, owner);
    const base = owner === target.connection ? target.name : `${target.connection}.${target.name}`;
    const number = (counts.get(base) ?? 0) + 1;
    counts.set(base, number);
    const name = statement.name ?? `${base}#${number}`;
    if (taken.has(name)) {
      report.error(
        "DUPLICATE_NAME",
        statement.target.span,
        `two statements are named '${name}'`,
        "-- @name before a statement gives it another name",
      );
    }
    taken.add(name);
    return name;
  });
}
