import { must } from "../assert.ts";
import type { ByteWriter } from "../model/byte-writer.ts";
import { type BoundStatement, inputsOf, sidesOf } from "../model/statement.ts";

/** How what a row is made of is told apart in its id. */
export interface PlaceMark {
  /** null: its place tells nothing, as that of a row of a table beside a stream. */
  readonly prefix: Buffer | null;
  /** Which of the row's coordinates are those of it: one, or two of the result of a stage. */
  readonly coordinate: number;
  readonly isOfStage: boolean;
  /** The input that it is of, or the first one that the stage reads. */
  readonly input: number;
}

/** By side of a statement; of one that reads a stage and joins nothing, of what that reads. */
export function placeMarks(statement: BoundStatement, partition: number): readonly PlaceMark[] {
  const sides = sidesOf(statement);
  const inputs = inputsOf(statement);
  const isOfTables = sides.every(({ source }) => source.reads === "table");
  if (sides.length === 1) {
    const prefix = Buffer.from(`${must(inputs[0]).topic}-${partition}-`);
    return [{ prefix, coordinate: 0, isOfStage: true, input: 0 }];
  }
  let [coordinate, input] = [0, 0];
  return sides.map(({ source, stage }): PlaceMark => {
    const counts = source.reads === "stream" || isOfTables;
    const prefix = counts ? Buffer.from(`${must(inputs[input]).topic}-${partition}-`) : null;
    const mark = { prefix, coordinate, isOfStage: stage !== null, input };
    coordinate += stage === null ? 1 : 2;
    input += stage === null ? 1 : inputsOf(stage).length;
    return mark;
  });
}

/** `coordinates`: of the row. */
export function writePlace(
  { prefix, coordinate, isOfStage }: PlaceMark,
  coordinates: readonly (Float64Array | Int32Array)[],
  row: number,
  writer: ByteWriter,
): void {
  if (prefix === null) return;
  writer.bytes(prefix, 0, prefix.length);
  const place = must(coordinates[coordinate])[row] as number;
  if (Number.isNaN(place)) return;
  writer.number(place);
  if (!isOfStage) return;
  writer.ascii("-");
  writer.number(must(coordinates[coordinate + 1])[row] as number);
}
