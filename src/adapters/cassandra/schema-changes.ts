import type { Client, QueryOptions } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { failureOf, sluiceError } from "./driver-error.ts";

/** A node writes a table into its own tables, and flushes them, before it serves it: half a second is usual. */
const SERVED_PAUSE_MS = 50;
const SERVED_MS_MAX = 30_000;

/**
 * The schema changes of one connection: one after the other, and all by the same node, which every process chooses. Nodes that
 * make the same table at the same time may give it two ids; at one node IF NOT EXISTS holds.
 */
export class SchemaChanges {
  private readonly localDataCenter: string;
  private last: Promise<unknown> = Promise.resolve();

  constructor(localDataCenter: string) {
    this.localDataCenter = localDataCenter;
  }

  /** Runs `work` when those before it have ended; what it asks about the schema must be asked `at` the node that changes it. */
  inTurn<T>(client: Client, work: (at: QueryOptions) => Promise<T>): Promise<T> {
    const turn = this.last.then(() => work(this.node(client)));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** Of the nodes that are up the one whose address sorts first; none known: any. */
  private node(client: Client): QueryOptions {
    const hosts = client.hosts.values().filter((host) => host.datacenter === this.localDataCenter && host.isUp());
    const [host] = hosts.toSorted((a, b) => (a.address < b.address ? -1 : 1));
    return host === undefined ? {} : { host };
  }
}

/** Runs a DDL statement; the driver waits until all nodes that are up have the new schema: a write to another node would fail before. */
export async function runSchemaChange(client: Client, statement: string, at: QueryOptions): Promise<void> {
  const result = await client.execute(statement, [], at).catch((error: unknown) => {
    const failure = failureOf(error);
    // Of a table that is just being made.
    if (failure.kind === "unknown") throw new SluiceError("CONNECTION_FAILED", failure.error.message, { cause: error });
    if (failure.kind !== "refused") throw sluiceError(error);
    throw new SluiceError("TARGET_MISMATCH", `${failure.error.message}; the statement was:\n${statement}`, { cause: error });
  });
  // The driver's type description lacks the field.
  const { isSchemaInAgreement } = result.info as { readonly isSchemaInAgreement?: boolean };
  if (isSchemaInAgreement !== false) return;
  const hint = "see nodetool describecluster; nodes with another schema version must be restarted";
  throw new SluiceError("CONNECTION_FAILED", "the nodes do not agree on the schema", { hint });
}

/**
 * Waits until a node takes the statement that rows will be written by: a table that another process is just making is described
 * before it can be written to. Sent without values, the statement is refused, but only where its table and columns are known.
 * Rejects with CONNECTION_FAILED after 30 s.
 */
export async function untilServed(client: Client, insert: string, clock: Clock): Promise<void> {
  const endMs = clock.monotonic() + SERVED_MS_MAX;
  for (;;) {
    const failure = await client.execute(insert, [], { prepare: true }).then(() => null, failureOf);
    if (failure?.kind !== "unknown") return;
    if (clock.monotonic() >= endMs) throw new SluiceError("CONNECTION_FAILED", failure.error.message, { cause: failure.error });
    await clock.sleep(SERVED_PAUSE_MS);
  }
}

/** Whether all nodes that are up have the same schema; false where that cannot be asked now. */
export function nodesAgree(client: Client): Promise<boolean> {
  // The driver's type description lacks the method.
  const metadata = client.metadata as typeof client.metadata & { checkSchemaAgreement(): Promise<boolean> };
  return metadata.checkSchemaAgreement();
}
