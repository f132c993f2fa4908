import { nameRuleBroken as broken, type NameRule } from "../model/target-name.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import type { TargetKind } from "../ports/sink.ts";

export function nameRuleOf(system: ConnectionKind, kind: TargetKind): NameRule {
  return kind === "table" && system === "cassandra" ? "cassandra table" : kind;
}

/** The rule of the outside system that a name breaks, or null. */
export function nameRuleBroken(system: ConnectionKind, kind: TargetKind, name: string): string | null {
  return broken(nameRuleOf(system, kind), name);
}
