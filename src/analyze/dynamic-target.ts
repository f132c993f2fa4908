/** Targets that each record names: `_value.site`, `elastic._header.tenant`, `` `_key.'x.y'` ``, WITHTARGET = meta.site. */
import type { Clause, Path } from "../../grammar/ast.ts";
import { splitRawName } from "../../grammar/names.ts";
import type { BoundTarget, BoundTargetName } from "../model/statement.ts";
import { isNested, typeName } from "../model/type.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import { speakingPath } from "./facts/name-facts.ts";
import { type Grouping, liftToGroups } from "./grouping.ts";
import { nameRuleOf } from "./legal-names.ts";
import { resolveField } from "./resolve-field.ts";
import { dotted } from "./resolve-name.ts";
import type { Scope } from "./scope.ts";

export interface NamingInput {
  readonly scope: Scope;
  readonly grouping: Grouping | null;
  readonly clauses: readonly Clause[];
  readonly target: BoundTarget | null;
  readonly system: ConnectionKind;
  /** Of names without one. */
  readonly keyspace: string | null;
  /** Of the name after INTO. */
  readonly naming: Path | null;
}

/** What says each row's target; null: nothing does, or what is wrong with it was reported. */
export function bindTargetName(input: NamingInput): BoundTargetName | null {
  const { scope, grouping, target, system, keyspace } = input;
  const path = namingPath(input);
  if (path === null || target === null) return null;
  refuseAutocreate(input);
  const field = resolveField(path, { scope, clause: "INTO", inAggregate: false, parameters: [], alias: () => null });
  if (field !== null && isNested(field.type)) {
    const message = `'${dotted(path)}' is ${typeName(field.type)}, and cannot name a target`;
    return scope.report.error("TYPE_MISMATCH", path.span, message, "a text names one");
  }
  const expr = field === null || grouping === null ? field : liftToGroups(field, grouping, scope);
  if (expr === null) return null;
  return { expr, text: dotted(path), rule: nameRuleOf(system, target.kind), ...(keyspace === null ? {} : { keyspace }) };
}

function namingPath({ clauses, naming, scope }: NamingInput): Path | null {
  const clause = clauses.find(({ name }) => name === "WITHTARGET");
  if (clause?.kind !== "text") return naming;
  if (naming !== null) {
    const message = "WITHTARGET and the name after INTO both say that records name the target";
    return scope.report.error("CLAUSE_NOT_ALLOWED", clause.span, message, "keep one of them");
  }
  const parts = splitRawName(clause.text, clause.textSpan.start);
  return speakingPath(parts, clause.textSpan) ?? { parts, span: clause.textSpan };
}

/** KCQL's connectors fail at their start with it. */
function refuseAutocreate({ clauses, scope }: NamingInput): void {
  const autocreate = clauses.find(({ name }) => name === "AUTOCREATE");
  if (autocreate === undefined) return;
  const message = "AUTOCREATE needs a fixed target, and here each record names its own";
  scope.report.error("CLAUSE_NOT_ALLOWED", autocreate.span, message, "SET 'autocreate' = TRUE makes each target when it is first named");
}
