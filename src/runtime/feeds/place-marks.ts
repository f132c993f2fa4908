import { must } from "../../assert.ts";
import type { ByteWriter } from "../../model/byte-writer.ts";
import { type BoundStatement, inputsOf, sidesOf } from "../../model/statement.ts";
import { offsetOfPlace, partitionOf } from "./record-place.ts";

/** How what a row is made of is told apart in its id. */
export interface PlaceMark {
  /** null: its place tells nothing, as that of a row of a table beside a stream. */
  readonly prefix: Buffer | null;
  /** Its coordinate is a place among all partitions (`placeOf`), and the prefix lacks the partition. */
  readonly isGathered: boolean;
  /** Which of the row's coordinates are those of it: one, or two of the result of a stage. */
  readonly coordinate: number;
  readonly isOfStage: boolean;
  /** The input that it is of, or the first one that the stage reads. */
  readonly input: number;
}

/** What a statement's log is merged of, and what comes out in front of its loop. */
export interface MarkOptions {
  readonly partition: number;
  readonly isGathered: boolean;
  /** Where nothing is joined: rows are results of a stage, of which a record has several. */
  readonly isStaged: boolean;
  /** Their places are those of records, and not numbers of the merged log. */
  readonly isOfRecords: boolean;
}

/** By side of a statement; of one that joins nothing, of what that reads. */
export function placeMarks(statement: BoundStatement, { partition, isGathered, isStaged, isOfRecords }: MarkOptions): readonly PlaceMark[] {
  const prefixOf = (topic: string, hasPlace: boolean): Buffer => Buffer.from(hasPlace ? `${topic}-` : `${topic}-${partition}-`);
  const sides = sidesOf(statement);
  const inputs = inputsOf(statement);
  const isOfTables = sides.every(({ source }) => source.reads === "table");
  if (sides.length === 1) {
    const hasPlace = isGathered && isOfRecords;
    return [{ prefix: prefixOf(must(inputs[0]).topic, hasPlace), isGathered: hasPlace, coordinate: 0, isOfStage: isStaged, input: 0 }];
  }
  let [coordinate, input] = [0, 0];
  return sides.map(({ source, stage }): PlaceMark => {
    const counts = source.reads === "stream" || isOfTables;
    const hasPlace = isGathered && stage === null;
    const prefix = counts ? prefixOf(must(inputs[input]).topic, hasPlace) : null;
    const mark = { prefix, isGathered: hasPlace, coordinate, isOfStage: stage !== null, input };
    coordinate += stage === null ? 1 : 2;
    input += stage === null ? 1 : inputsOf(stage).length;
    return mark;
  });
}

/** `coordinates`: of the row. */
export function writePlace(
  { prefix, isGathered, coordinate, isOfStage }: PlaceMark,
  coordinates: readonly (Float64Array | Int32Array)[],
  row: number,
  writer: ByteWriter,
): void {
  if (prefix === null) return;
  writer.bytes(prefix, 0, prefix.length);
  const place = must(coordinates[coordinate])[row] as number;
  if (Number.isNaN(place)) return;
  if (isGathered) {
    writer.number(partitionOf(place));
    writer.ascii("-");
  }
  writer.number(isGathered ? offsetOfPlace(place) : place);
  if (!isOfStage) return;
  writer.ascii("-");
  writer.number(must(coordinates[coordinate + 1])[row] as number);
}
