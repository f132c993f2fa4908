import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { type BoundJoinStep, type BoundStatement, sidesOf } from "../../model/statement.ts";
import type { PipelinePlan, StatementPlan } from "../../plan/pipeline-plan.ts";
import type { OwnedSource } from "../pipeline-sources.ts";

/** Rows that belong together lie in partitions of one number: those of a group, and those that are joined. Throws STATEMENT_INVALID. */
export function checkPartitions(plan: PipelinePlan, sources: readonly OwnedSource[]): void {
  for (const statement of plan.statements) {
    const read = statement.inputs.map(({ source }) => must(sources[source]).description);
    const largest = read.reduce((most, one) => (one.partitions > most.partitions ? one : most));
    if (largest.partitions === 1 || statement.gathered !== undefined) continue;
    checkGroups(statement, largest);
    checkJoins(statement, read);
  }
}

type Topic = OwnedSource["description"];

/** A group split over partitions would write several half results under one id. */
function checkGroups({ statement }: StatementPlan, { name, partitions }: Topic): void {
  if (!statement.needsSinglePartition) return;
  const what = statement.groupBy.length === 0 ? "a total is taken" : "GROUP BY is not covered by the record key";
  const message = `${statement.name}: ${what}, and ${name} has ${partitions} partitions, which cannot be read as one log`;
  throw new SluiceError("STATEMENT_INVALID", message, {
    hint: "group by the record key (GROUP BY _key, or declare it: WITH (key = 'field')), or write a topic anew: INSERT INTO … PARTITION BY",
    coordinates: { statement: statement.name, topic: name },
  });
}

function checkJoins({ statement, inputs }: StatementPlan, read: readonly Topic[]): void {
  const [first] = read;
  if (first === undefined || inputs.length === 1) return;
  const { name } = statement;
  const other = read.find(({ partitions }) => partitions !== first.partitions);
  if (other !== undefined) {
    const counts = `${first.name} has ${first.partitions} partitions, ${other.name} ${other.partitions}`;
    throw new SluiceError("STATEMENT_INVALID", `${name}: what is joined must have the same number of partitions, and ${counts}`, {
      hint: "INSERT INTO … PARTITION BY writes a topic anew, with as many",
      coordinates: { statement: name, topic: other.name },
    });
  }
  if (joinsOf(statement).every(({ coPartitioned }) => coPartitioned)) return;
  const message = `${name}: ON does not compare the record keys of both sides, and ${first.name} has ${first.partitions} partitions`;
  throw new SluiceError("STATEMENT_INVALID", message, {
    hint: "declare WITH (key = …) where a field equals the record key, or write a topic anew: INSERT INTO … PARTITION BY",
    coordinates: { statement: name, topic: first.name },
  });
}

/** Also those within its stages. */
function joinsOf(statement: BoundStatement): readonly BoundJoinStep[] {
  return [...statement.joins, ...sidesOf(statement).flatMap(({ stage }) => (stage === null ? [] : joinsOf(stage)))];
}
