import type { Client, QueryOptions, types } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { RefusalCut } from "../../model/refusal-cut.ts";
import { type ChangeError, Outcome, type WriteResult } from "../../ports/sink.ts";
import type { TableName } from "./cql.ts";
import { Misfit } from "./cql-value.ts";
import { failureOf, sluiceError } from "./driver-error.ts";
import type { BoundRow, RowBinder } from "./row-binder.ts";
import { nodesAgree } from "./schema-changes.ts";
import { readTableSchema, type TableSchema } from "./table-schema.ts";

/** What all writes of one sink share. */
export interface TableRoute {
  readonly client: Client;
  readonly name: TableName;
  /** `keyspace.table`, for messages. */
  readonly table: string;
  /** What the sink was opened with; a refused row has it compared with the table again. */
  readonly columns: readonly { readonly name: string; readonly typeText: string }[];
  readonly binder: RowBinder;
  /** Rows of one partition in one request, and requests under way. */
  readonly batchRows: number;
  /** null: that of the connection. */
  readonly consistency: types.consistencies | null;
  readonly concurrency: number;
}

/** A batch is one mutation, which the coordinator and each replica hold as a whole. */
const BATCH_BYTES = 40_000;

const OPTIONS: QueryOptions = { prepare: true, isIdempotent: true, logged: false };

/**
 * One batch of changes on its way. Rows of one partition travel together as an unlogged batch, which its replicas apply as one
 * mutation; requests overtake each other freely, because the write time, not the order of arrival, decides what stays.
 */
export class TableWrite {
  private readonly route: TableRoute;
  private readonly batch: ChangeBatch;
  private readonly signal: AbortSignal;
  private readonly outcomes: Uint8Array;
  private readonly errors = new Map<number, ChangeError>();
  /** Why requests failed that may be sent again; thrown where no other outcome is known. */
  private unsent: SluiceError | null = null;
  private tableCheck: Promise<void> | null = null;
  private readonly cut: RefusalCut;

  constructor(route: TableRoute, batch: ChangeBatch, signal: AbortSignal, stopsAtRefusal: boolean) {
    this.route = route;
    this.batch = batch;
    this.signal = signal;
    this.outcomes = new Uint8Array(batch.count);
    this.cut = new RefusalCut(stopsAtRefusal);
  }

  async run(): Promise<WriteResult> {
    if (this.signal.aborted) throw this.stopped();
    const requests = requestsOf(this.boundRows(), this.route.batchRows);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < requests.length) await this.send(requests[next++] as readonly BoundRow[]);
    };
    const workers = Array.from({ length: Math.min(this.route.concurrency, requests.length) }, work);
    const stop = Promise.withResolvers<never>();
    const onAbort = (): void => stop.reject(this.stopped());
    this.signal.addEventListener("abort", onAbort);
    try {
      await Promise.race([Promise.all(workers), stop.promise]);
    } finally {
      // After a failure no worker takes up another request; what is under way may still be written, which does no harm.
      next = requests.length;
      this.signal.removeEventListener("abort", onAbort);
    }
    if (this.unsent !== null && this.outcomes.every((outcome) => outcome === Outcome.retry)) throw this.unsent;
    return { outcomes: this.outcomes, errors: this.errors, retryAfterMs: null };
  }

  private boundRows(): readonly BoundRow[] {
    const rows: BoundRow[] = [];
    for (let row = 0; row < this.batch.count; row++) {
      try {
        rows.push(this.route.binder.bind(this.batch, row));
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        this.settle(row, Outcome.rejected, "CHANGE_REJECTED", error.message);
      }
    }
    return rows;
  }

  /** Without those that stand behind a refused one. */
  private async send(request: readonly BoundRow[]): Promise<void> {
    const sent = this.cut.countBefore(request.map(({ row }) => row));
    for (const { row } of request.slice(sent)) this.outcomes[row] = Outcome.retry;
    const rows = request.slice(0, sent);
    if (sent === 0) return;
    try {
      await this.execute(rows);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === "fatal") throw failure.error;
      // Before the table is looked at: meanwhile others would send on.
      if (failure.kind === "refused" && rows.length === 1) this.cut.refused((rows[0] as BoundRow).row);
      if (failure.kind !== "retry") await this.checkTable();
      if (failure.kind === "refused") return this.refuse(rows, failure.error);
      this.unsent = failure.error;
      for (const { row } of rows) this.settle(row, Outcome.retry, failure.error.code, failure.error.message);
    }
  }

  /** One row spoils a batch for its neighbours: they are sent one by one. */
  private async refuse(rows: readonly BoundRow[], error: SluiceError): Promise<void> {
    if (rows.length > 1) for (const row of rows) await this.send([row]);
    else for (const { row } of rows) this.settle(row, Outcome.rejected, error.code, error.message);
  }

  private execute(rows: readonly BoundRow[]): Promise<unknown> {
    const { client, consistency } = this.route;
    const options = consistency === null ? OPTIONS : { ...OPTIONS, consistency };
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) return client.execute(first.query, [...first.params], options);
    return client.batch(
      rows.map(({ query, params }) => ({ query, params: [...params] })),
      options,
    );
  }

  /** A table that was dropped or changed refuses every row, but no row is to blame; asked once per write. */
  private checkTable(): Promise<void> {
    this.tableCheck ??= checkLayout(this.route);
    return this.tableCheck;
  }

  private stopped(): SluiceError {
    return new SluiceError("STOPPED", `table ${this.route.table}: the write was given up`);
  }

  private settle(row: number, outcome: number, code: ChangeError["code"], message: string): void {
    this.outcomes[row] = outcome;
    if (outcome === Outcome.rejected) this.cut.refused(row);
    this.errors.set(row, { code, message: `table ${this.route.table}: ${message}` });
  }
}

/** Rows of one partition together, in their order, cut by count and bytes. */
export function requestsOf(rows: readonly BoundRow[], rowsMax: number): readonly (readonly BoundRow[])[] {
  const requests: BoundRow[][] = [];
  const open = new Map<string, { readonly rows: BoundRow[]; bytes: number }>();
  for (const row of rows) {
    const group = open.get(row.partition);
    if (group !== undefined && group.rows.length < rowsMax && group.bytes + row.bytes <= BATCH_BYTES) {
      group.rows.push(row);
      group.bytes += row.bytes;
      continue;
    }
    const fresh = { rows: [row], bytes: row.bytes };
    requests.push(fresh.rows);
    open.set(row.partition, fresh);
  }
  return requests;
}

/** Says nothing while the nodes do not agree: the one that is asked may be the last to learn of the table. */
async function checkLayout(route: TableRoute): Promise<void> {
  const schema = await readTableSchema(route.client, route.name).catch((error: unknown) => {
    throw sluiceError(error);
  });
  const problem = layoutProblem(route, schema);
  if (problem !== null && (await nodesAgree(route.client))) throw problem;
}

function layoutProblem(route: TableRoute, schema: TableSchema | null): SluiceError | null {
  if (schema === null) return new SluiceError("TARGET_MISSING", `table ${route.table} is not there any more`);
  for (const { name, typeText } of route.columns) {
    const now = schema.columns.find((column) => column.name === name)?.typeText;
    if (now === typeText) continue;
    const change = now === undefined ? "was dropped" : `was ${typeText} and is ${now} now`;
    return new SluiceError("TARGET_MISMATCH", `table ${route.table}: column "${name}" ${change}`);
  }
  return null;
}
