import type { Origin } from "../../ports/sink.ts";

interface Staged {
  readonly generation: number;
  readonly appends: (() => void)[];
}

/** Rows of topics that wait for the blob that they are written with, by pipeline, statement and partition. */
export class StagedRows {
  private readonly byPlace = new Map<string, Staged>();

  /** `append` runs within the store's transaction. What an owner of an earlier generation has staged is given up. */
  stage(pipeline: string, { statement, partition, generation }: Origin, append: () => void): void {
    const place = placeOf(pipeline, statement, partition);
    const known = this.byPlace.get(place);
    if (known?.generation === generation) known.appends.push(append);
    else if (known === undefined || known.generation < generation) this.byPlace.set(place, { generation, appends: [append] });
  }

  /** To be run within the store's transaction. */
  append(pipeline: string, statement: string, partition: number, generation: number): void {
    const staged = this.byPlace.get(placeOf(pipeline, statement, partition));
    if (staged?.generation === generation) for (const append of staged.appends) append();
  }

  /** They are durable. */
  written(pipeline: string, statement: string, partition: number): void {
    this.byPlace.delete(placeOf(pipeline, statement, partition));
  }
}

function placeOf(pipeline: string, statement: string, partition: number): string {
  return JSON.stringify([pipeline, statement, partition]);
}
