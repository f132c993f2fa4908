import { LIMITS } from "../../limits.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import { type ChangeBatch, documentOf, idOf, Operation } from "../../model/change.ts";
import { copyJson, copyObjectWithout } from "../../model/json-copy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ConnectionKind } from "../../ports/connection.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../ports/sink.ts";
import { asBuffer, type EmbeddedStore } from "./embedded-store.ts";
import { relationNumber } from "./relations.ts";
import { stopIfAborted } from "./stop-if-aborted.ts";

const PUT = `INSERT INTO documents (relation, id, version, expires_ms, document) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (relation, id) DO UPDATE SET version = excluded.version, expires_ms = excluded.expires_ms, document = excluded.document
  WHERE excluded.version > documents.version`;

const FIND = "SELECT version, document FROM documents WHERE relation = ? AND id = ? AND (expires_ms IS NULL OR expires_ms > ?)";

/** Writes rows of an index or table: one transaction a batch; the higher version of an id wins. */
export class DocumentSink implements Sink {
  readonly spreads = true;
  private readonly store: EmbeddedStore;
  private readonly connection: string;
  private readonly standsFor: ConnectionKind;
  private readonly target: RouteTarget;
  private readonly clock: Clock;
  private readonly merged = new ByteWriter();

  constructor(store: EmbeddedStore, config: { readonly name: string; readonly as: ConnectionKind }, target: RouteTarget, clock: Clock) {
    this.store = store;
    this.connection = config.name;
    this.standsFor = config.as;
    this.target = target;
    this.clock = clock;
  }

  async write(batch: ChangeBatch, _origin: Origin, signal: AbortSignal, stopsAtRefusal = false): Promise<WriteResult> {
    stopIfAborted(signal, this.target.name);
    const outcomes = new Uint8Array(batch.count);
    const errors = new Map<number, ChangeError>();
    await this.store.write(() => {
      const nowMs = this.clock.now();
      const keptMs = this.target.ttlSeconds === null ? this.target.options.retentionMs : this.target.ttlSeconds * 1000;
      const expiresMs = keptMs === null ? null : nowMs + keptMs;
      for (let row = 0; row < batch.count; row++) {
        const refusal = this.refusal(batch, row);
        if (refusal !== null) errors.set(row, refusal);
        outcomes[row] = refusal !== null ? Outcome.rejected : this.put(batch, row, nowMs, expiresMs);
        if (refusal === null || !stopsAtRefusal) continue;
        outcomes.fill(Outcome.retry, row + 1);
        break;
      }
    });
    return { outcomes, errors, retryAfterMs: null };
  }

  async close(): Promise<void> {}

  private put(batch: ChangeBatch, row: number, nowMs: number, expiresMs: number | null): number {
    const relation = relationNumber(this.store, this.connection, batch.targets?.[row] ?? this.target.name, this.target.kind);
    const id = idOf(batch, row);
    const version = batch.versions[row] as number;
    const isDelete = batch.operations[row] === Operation.delete;
    const document = isDelete
      ? null
      : this.target.mode === "upsert"
        ? this.merge(relation, id, documentOf(batch, row), nowMs)
        : documentOf(batch, row);
    const { changes } = this.store.run(PUT, relation, id, version, isDelete ? null : expiresMs, document);
    return changes > 0 ? Outcome.written : Outcome.superseded;
  }

  /** The row as it is with its top-level columns replaced by those of `document`. */
  private merge(relation: number, id: string, document: Buffer, nowMs: number): Buffer {
    const found = this.store.get(FIND, relation, id, nowMs);
    if (found === undefined || found["document"] === null) return document;
    const old = asBuffer(found["document"]);
    const { merged } = this;
    merged.reset();
    merged.byte(0x7b);
    const any = copyObjectWithout(old, 0, old.length, namesOf(document), merged);
    if (any && document.length > 2) merged.byte(0x2c);
    copyJson(document, 1, document.length, merged);
    return merged.view();
  }

  /** What the system refuses that the connection stands in for, so that a trial run meets it too. */
  private refusal(batch: ChangeBatch, row: number): ChangeError | null {
    const { elasticIdBytesMax } = LIMITS;
    const bytes = (batch.idEnds[row] as number) - (batch.idStarts[row] as number);
    if (this.standsFor !== "elasticsearch" || bytes <= elasticIdBytesMax) return null;
    const shown = idOf(batch, row).slice(0, 40);
    return { code: "ID_TOO_LONG", message: `the id has ${bytes} bytes, Elasticsearch takes ${elasticIdBytesMax}: ${shown}…` };
  }
}

function namesOf(document: Buffer): ReadonlySet<string> {
  return new Set(Object.keys(JSON.parse(document.toString("utf8")) as Record<string, unknown>));
}
