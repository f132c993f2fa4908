/** Which of KCQL's clauses a target honours: one row a clause. */
import type { Clause } from "../../grammar/ast.ts";
import type { ClauseName } from "../../grammar/clause-table.ts";
import type { BoundTarget } from "../model/statement.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import type { Reporter } from "./reporter.ts";
import { article } from "./resolve-name.ts";

/** `yes` honoured, `idle` taken without an effect and with a warning, `no` without a meaning and refused. */
export type Honour = "yes" | "idle" | "no";

export interface Row {
  readonly topic: Honour;
  readonly index: Honour;
  readonly table: Honour;
  /** Where it is not honoured: whose clause it is. */
  readonly why: string;
}

const row = (topic: Honour, index: Honour, table: Honour, why: string): Row => ({ topic, index, table, why });
const everywhere = (honour: Honour, why: string): Row => row(honour, honour, honour, why);

const FILES = "files and their folders are written by other systems";
const QUEUES = "messages of queues are read and written by other systems";
const SCHEMAS = "there is no schema that it could belong to";
const SOURCES = "it says how a source is read; WHERE and SET do that here";

export const CLAUSE_ROWS: Readonly<Record<ClauseName, Row>> = {
  IGNORE: everywhere("yes", ""),
  AUTOCREATE: everywhere("yes", ""),
  WITHSTRUCTURE: everywhere("yes", ""),
  PK: everywhere("yes", ""),
  WITHTARGET: everywhere("yes", ""),
  AUTOEVOLVE: row("no", "idle", "yes", "an index takes new fields by itself, a topic has no columns"),
  BATCH: row("idle", "yes", "yes", "records travel together as they come"),
  CAPITALIZE: everywhere("no", "AS names a column in upper case"),
  INITIALIZE: everywhere("no", SCHEMAS),
  PROJECTTO: everywhere("no", SCHEMAS),
  PARTITIONBY: row("yes", "no", "no", "PK names the fields that make the key"),
  NOPARTITION: everywhere("idle", FILES),
  DISTRIBUTEBY: everywhere("no", FILES),
  CLUSTERBY: everywhere("no", FILES),
  WITHTIMESTAMP: row("yes", "no", "no", "CREATE STREAM … WITH (timestamp = 'field') says what the event time is"),
  TIMESTAMPUNIT: row("yes", "no", "no", "CREATE STREAM … WITH (timestamp = 'field') says what the event time is"),
  WITHFORMAT: row("yes", "no", "no", "the target says how documents are stored"),
  WITHUNWRAP: everywhere("no", "WITHFORMAT TEXT writes a row of one column as it is, into a topic"),
  STOREAS: everywhere("no", FILES),
  WITHTAG: everywhere("no", "tags belong to points of time series; select the fields"),
  INCREMENTALMODE: everywhere("no", SOURCES),
  WITHTYPE: everywhere("no", QUEUES),
  WITHDOCTYPE: row("no", "idle", "no", "documents of one index have no types any more"),
  WITHINDEXSUFFIX: row("no", "yes", "no", "dated names are a matter of indexes"),
  TTL: row("no", "no", "yes", "rows that expire are a matter of tables"),
  WITHCONVERTER: everywhere("no", QUEUES),
  WITHJMSSELECTOR: everywhere("no", QUEUES),
  WITHKEY: row("yes", "no", "no", "PK names the fields that make the key"),
  KEYDELIMITER: row("yes", "no", "no", "PK names the fields that make the key"),
  WITHPIPELINE: row("no", "yes", "no", "ingest pipelines are a matter of indexes"),
  WITHPARTITIONER: row("no", "no", "no", "the key of a record says its partition; PK names it"),
  WITHSUBSCRIPTION: everywhere("no", QUEUES),
  WITHCOMPRESSION: row("yes", "no", "no", "the connection says how requests are compressed"),
  WITHDELAY: everywhere("no", "SET 'commit.interval' says how often changing results are sent"),
  WITHREGEX: everywhere("no", SOURCES),
  WITH_FLUSH_SIZE: everywhere("no", FILES),
  WITH_FLUSH_INTERVAL: everywhere("no", FILES),
  WITH_FLUSH_COUNT: everywhere("no", FILES),
  WITH_SCHEMA_EVOLUTION: everywhere("no", FILES),
  WITH_TABLE_LOCATION: everywhere("no", FILES),
  WITH_OVERWRITE: everywhere("no", FILES),
  WITH_PARTITIONING: everywhere("no", FILES),
  WITH_SESSION: everywhere("no", QUEUES),
  WITH_ACK: everywhere("idle", "every change is acknowledged before its position is kept"),
  WITH_ENCODE_BASE64: everywhere("no", QUEUES),
  WITH_LOCK_TIME: everywhere("no", QUEUES),
  WITHGROUP: everywhere("no", "positions are kept by the pipeline's name"),
  WITHOFFSET: everywhere("yes", ""),
  SAMPLE: everywhere("yes", ""),
  PROPERTIES: row("no", "yes", "yes", "SET and sluice.yaml say what there is to say"),
};

/** What the embedded store does not do for the system that it stands in for. */
const NOT_EMBEDDED: Partial<Record<ClauseName, string>> = {
  WITHPIPELINE: "documents are kept as they are",
  WITHCOMPRESSION: "records are kept as they are",
};

/** Says what the target makes of each clause. */
export function checkTargetClauses(
  clauses: readonly Clause[],
  target: BoundTarget,
  { system, isEmbedded }: { readonly system: ConnectionKind; readonly isEmbedded: boolean },
  report: Reporter,
): void {
  const written = `${article(target.kind)} (${target.connection}.${target.name}${system === target.connection ? "" : `, ${system}`})`;
  for (const { name, span } of clauses) {
    const { why, ...honours } = CLAUSE_ROWS[name];
    switch (honours[target.kind]) {
      case "no":
        report.error("CLAUSE_NOT_ALLOWED", span, `${name} has no meaning for ${written}`, why);
        break;
      case "idle":
        report.warning("CLAUSE_NOT_ALLOWED", span, `${name} changes nothing for ${written}`, why);
        break;
      case "yes":
        if (isEmbedded && NOT_EMBEDDED[name] !== undefined)
          report.warning("CLAUSE_NOT_ALLOWED", span, `${name} changes nothing in the embedded store`, NOT_EMBEDDED[name]);
    }
  }
}
