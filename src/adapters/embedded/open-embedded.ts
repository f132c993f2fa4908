import { isAbsolute, join } from "node:path";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Connection, ConnectionConfig, Finding, RelationInfo, TargetFinding } from "../../ports/connection.ts";
import type { Lookup, LookupTarget } from "../../ports/lookup.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import type { StateLog } from "../../ports/state-log.ts";
import { inLayout } from "../encoding-sink.ts";
import { DocumentLookup } from "./document-lookup.ts";
import { DocumentSink } from "./document-sink.ts";
import { EmbeddedKeptState } from "./embedded-kept-state.ts";
import { EmbeddedSource } from "./embedded-source.ts";
import { EmbeddedStateLog } from "./embedded-state-log.ts";
import { EmbeddedStore, isInMemory } from "./embedded-store.ts";
import { findRelations, listRelations, readDocuments, relationNumber } from "./relations.ts";
import { readSettings } from "./settings.ts";
import { StagedRows } from "./staged-rows.ts";
import { TopicLog } from "./topic-log.ts";
import { TopicSink } from "./topic-sink.ts";

/**
 * A connection to the embedded store: topics, indexes, tables and state in one SQLite file, `sluice.db` in
 * `dataDirectory` unless the setting `file` names another (relative to it). Several connections and processes may
 * share the file. Throws CONFIG_INVALID; no I/O before the first use.
 */
export function openEmbedded(config: ConnectionConfig, dataDirectory: string, clock: Clock): EmbeddedConnection {
  return new EmbeddedConnection(config, fileOf(config, dataDirectory), clock);
}

function fileOf(config: ConnectionConfig, dataDirectory: string): string {
  const { file } = readSettings(config);
  return isAbsolute(file) || isInMemory(file) ? file : join(dataDirectory, file);
}

export class EmbeddedConnection implements Connection {
  readonly config: ConnectionConfig;
  readonly source: EmbeddedSource;
  readonly keptState: EmbeddedKeptState;
  private readonly store: EmbeddedStore;
  private readonly log: TopicLog;
  private readonly clock: Clock;
  private readonly staged = new StagedRows();
  private closed = false;

  constructor(config: ConnectionConfig, file: string, clock: Clock) {
    this.config = config;
    this.clock = clock;
    this.store = EmbeddedStore.acquire(file);
    this.log = new TopicLog(this.store, config.name);
    this.source = new EmbeddedSource(this.store, this.log, clock);
    this.keptState = new EmbeddedKeptState(this.store, config.name);
  }

  /** The target is made if it is missing, whatever AUTOCREATE says. */
  openSink(target: RouteTarget): Promise<Sink> {
    const { store, log, config } = this;
    return store.write(() => {
      if (target.kind === "topic") {
        if (target.suffix === null) log.create(target.name, target.partitions ?? 1, target.compacted);
        return inLayout(new TopicSink({ store, log, target, staged: this.staged, clock: this.clock }), target);
      }
      if (target.suffix === null) relationNumber(store, config.name, target.name, target.kind);
      return new DocumentSink(store, config, target, this.clock);
    });
  }

  /** Everything is made on first use; but a name that is nearly that of another is worth a look. */
  async checkTarget({ name, kind }: RouteTarget): Promise<readonly TargetFinding[]> {
    const relations = await this.listRelations();
    const among = relations.map((relation) => relation.name);
    if (among.includes(name)) return [];
    const message = `${kind} ${name} does not exist yet and will be made`;
    return [{ severity: "warning", code: "TARGET_MISSING", column: null, message, hint: null, unknown: { name, among } }];
  }

  async openStateLog(pipeline: string): Promise<StateLog> {
    return new EmbeddedStateLog(this.store, this.config.name, pipeline, this.staged);
  }

  readTable(name: string, signal: AbortSignal): AsyncIterable<RecordSlices> | null {
    const { store } = this;
    const relations = store.readNow(() => findRelations(store, this.config.name, name));
    return relations.length === 0
      ? null
      : readAll(relations.map((relation) => readDocuments(store, relation, name, this.clock.now(), signal)));
  }

  async openLookup(target: LookupTarget): Promise<Lookup> {
    const lookup = new DocumentLookup(this.store, this.config.name, target, this.clock);
    await lookup.check();
    return lookup;
  }

  listRelations(): Promise<readonly RelationInfo[]> {
    return this.store.read(() => listRelations(this.store, this.config.name));
  }

  async diagnose(): Promise<readonly Finding[]> {
    const { store } = this;
    try {
      const sqlite = await store.write(() => store.get("SELECT sqlite_version() AS version")?.["version"]);
      return [{ check: "file", ok: true, detail: `${store.file} can be read and written (SQLite ${String(sqlite)})`, advice: null }];
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return [{ check: "file", ok: false, detail, advice: "choose a directory that can be written with --data, or another file" }];
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.store.release();
  }
}

async function* readAll(tables: readonly AsyncIterable<RecordSlices>[]): AsyncIterable<RecordSlices> {
  for (const table of tables) yield* table;
}
