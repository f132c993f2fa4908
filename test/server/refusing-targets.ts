import { type ChangeBatch, documentTextOf, Operation } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { type ChangeError, Outcome, type Sink } from "../../src/ports/sink.ts";
import { environment } from "../../src/project/environment.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import { withMethod } from "../support/with-method.ts";

/** A row on its way to a target; null: its id is to be deleted. */
export type RowTo = (target: string, row: Readonly<Record<string, unknown>> | null) => string | null;

/** The real environment, in which targets refuse rows as a mapping does that does not fit them, until that is corrected. */
export class RefusingTargets {
  /** Why a target refuses a row; null: it takes it. */
  refusal: RowTo = () => null;
  /** Called before each write of rows that are taken. */
  beforeWrite: (target: string) => void | Promise<void> = () => {};

  readonly env: Environment = {
    ...environment,
    openConnection: async (...given) => this.wrap(await environment.openConnection(...given)),
  };

  private wrap(connection: Connection): Connection {
    return withMethod(connection, "openSink", async (route) => this.guard(route.name, await connection.openSink(route)));
  }

  private guard(name: string, sink: Sink): Sink {
    return {
      write: async (batch, origin, signal) => {
        const errors = new Map<number, ChangeError>();
        const taken: number[] = [];
        for (let row = 0; row < batch.count; row++) {
          const isDelete = batch.operations[row] === Operation.delete;
          const message = this.refusal(name, isDelete ? null : (JSON.parse(documentTextOf(batch, row)) as Record<string, unknown>));
          if (message === null) taken.push(row);
          else errors.set(row, { code: "CHANGE_REJECTED", message });
        }
        const outcomes = new Uint8Array(batch.count).fill(Outcome.rejected);
        if (taken.length === 0) return { outcomes, errors, retryAfterMs: null };
        await this.beforeWrite(name);
        const written = await sink.write(rowsOf(batch, taken), origin, signal);
        taken.forEach((row, at) => {
          outcomes[row] = written.outcomes[at] as number;
          const error = written.errors.get(at);
          if (error !== undefined) errors.set(row, error);
        });
        return { outcomes, errors, retryAfterMs: written.retryAfterMs };
      },
      close: () => sink.close(),
    };
  }
}

function rowsOf(batch: ChangeBatch, rows: readonly number[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const row of rows) builder.addCopy(batch, row);
  return builder.build();
}
