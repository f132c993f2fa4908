import { createHash } from "node:crypto";
import { type ChangeBatch, documentOf, idOf, keyOf, Operation } from "../../model/change.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { textOrBase64 } from "../routes/bytes-as-text.ts";

/** Which of the ways of a statement a change went. */
export type WayOut = "target" | "late";

/** A way out of a statement, and which text of the statement it was. */
export interface SentTo {
  readonly to: WayOut;
  /** `CONNECTION.NAME`. */
  readonly target: string;
  /** Digest of the statement's canonical text. */
  readonly text: string;
}

/** Beside document, version and place all that a refused change is: what a dead letter has of it, so that it can be sent again. */
export interface KeptChange extends SentTo {
  readonly operation: "upsert" | "delete";
  readonly id: string;
  /** Of a record; what is no text as `base64:…`. */
  readonly key: string | null;
  /** The index, table or topic where it varies; null: the target's own name. */
  readonly name: string | null;
  readonly timestampMs: number;
  /** Among the changes of its cause. */
  readonly ordinal: number;
  /** Of a delete: the columns that say which row; null: the id alone does, or it is an upsert. */
  readonly identity: string | null;
}

/** Why there is no change in a letter that has been made of one: fields of it would be covered, or there was no room. */
export interface LeftOut {
  readonly left: "masked" | "long";
}

/** null: the statement has no such way. */
export function sentTo(plan: StatementPlan, to: WayOut): SentTo | null {
  const route = routeOf(plan, to);
  if (route === null) return null;
  const text = createHash("sha256").update(plan.statement.text).digest("base64url").slice(0, 16);
  return { to, target: `${route.connection}.${route.name}`, text };
}

export function routeOf({ route, late }: StatementPlan, to: WayOut): RouteTarget | null {
  return to === "target" ? route : (late?.route ?? null);
}

export function keptChange(batch: ChangeBatch, row: number, way: SentTo): KeptChange {
  const isDelete = batch.operations[row] === Operation.delete;
  const document = documentOf(batch, row);
  return {
    ...way,
    operation: isDelete ? "delete" : "upsert",
    id: idOf(batch, row),
    key: textOrBase64(keyOf(batch, row)),
    name: batch.targets?.[row] ?? null,
    timestampMs: batch.timestampsMs[row] as number,
    ordinal: batch.causeOrdinals[row] as number,
    identity: isDelete && document.length > 0 ? document.toString("utf8") : null,
  };
}

export function keptChangeText(change: KeptChange | LeftOut): string {
  return JSON.stringify(change);
}

/** The change that `keptChangeText` was given; null: it is none. */
export function keptChangeOf(text: string | null): KeptChange | LeftOut | null {
  if (text === null) return null;
  try {
    const change = JSON.parse(text) as Partial<KeptChange & LeftOut> | null;
    const isChange = typeof change?.id === "string" && typeof change.target === "string" && typeof change.timestampMs === "number";
    return isChange || change?.left === "masked" || change?.left === "long" ? (change as KeptChange | LeftOut) : null;
  } catch {
    return null;
  }
}
