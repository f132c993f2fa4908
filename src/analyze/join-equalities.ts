import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoinStep } from "../model/statement.ts";
import { BOOLEAN } from "../model/type.ts";
import { conjuncts, relationsIn } from "./bound-tree.ts";
import type { Scope } from "./scope.ts";

export type Pair = BoundJoinStep["keys"][number];

/** A relation of the scope that has records of its own: what a statement reads, in the order of its inputs. */
export function inputRelations({ relations }: Scope): readonly number[] {
  return relations.flatMap(({ made, lookup }, index) => (lookup !== true && (made === null || made.scope !== null) ? [index] : []));
}

/** Comparisons of both sides for equality, and what else there is. */
export function equalities(
  on: BoundExpr,
  relation: number,
  scope: Scope,
): { readonly keys: readonly Pair[]; readonly rest: BoundExpr | null } {
  const keys: Pair[] = [];
  let rest: BoundExpr | null = null;
  for (const part of conjuncts(on)) {
    const pair = part.kind === "binary" && part.op === "=" ? pairOf(part.left, part.right, relation, scope) : null;
    if (pair !== null) keys.push(pair);
    else rest = rest === null ? part : { kind: "binary", type: BOOLEAN, op: "and", left: rest, right: part };
  }
  return { keys, rest };
}

function pairOf(left: BoundExpr, right: BoundExpr, relation: number, scope: Scope): Pair | null {
  const [ofLeft, ofRight] = [relationsIn(left, scope.fields), relationsIn(right, scope.fields)];
  const isOwn = (used: ReadonlySet<number>): boolean => used.size === 1 && used.has(relation);
  if (isOwn(ofRight) && ofLeft.size > 0 && !ofLeft.has(relation)) return { left, right };
  if (isOwn(ofLeft) && ofRight.size > 0 && !ofRight.has(relation)) return { left: right, right: left };
  return null;
}
