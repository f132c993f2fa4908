import type { RecordSlices } from "../../model/record-slices.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Connection, ConnectionConfig, Finding, RelationInfo, TargetFinding, TroubleListener } from "../../ports/connection.ts";
import type { Lookup, LookupTarget } from "../../ports/lookup.ts";
import type { Random } from "../../ports/random.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import { BulkLimits } from "./bulk-limits.ts";
import { checkTarget } from "./check-target.ts";
import { checkVersion, diagnose } from "./diagnose.ts";
import { DocumentLookup } from "./document-lookup.ts";
import { ElasticClient } from "./elastic-client.ts";
import { ElasticsearchSink } from "./elasticsearch-sink.ts";
import { forgetTemplate } from "./index-template.ts";
import { prepareTarget } from "./prepare-target.ts";
import { readIndexes } from "./read-indexes.ts";
import { listIndexes } from "./relations.ts";
import { RetiringIndexes } from "./retiring-indexes.ts";
import { type ElasticsearchSettings, readSettings } from "./settings.ts";

export interface ElasticsearchEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrouble: TroubleListener;
}

/** A connection to an Elasticsearch cluster of version 8 or 9. Throws CONFIG_INVALID; no I/O before the first use. */
export function openElasticsearch(config: ConnectionConfig, environment: ElasticsearchEnvironment): Connection {
  return new ElasticsearchConnection(config, environment);
}

class ElasticsearchConnection implements Connection {
  readonly config: ConnectionConfig;
  readonly source = null;
  readonly keptState = null;
  private readonly environment: ElasticsearchEnvironment;
  private readonly settings: ElasticsearchSettings;
  private readonly client: ElasticClient;

  constructor(config: ConnectionConfig, environment: ElasticsearchEnvironment) {
    this.config = config;
    this.environment = environment;
    this.settings = readSettings(config);
    this.client = new ElasticClient(config.name, this.settings);
  }

  async openSink(target: RouteTarget): Promise<Sink> {
    const { client, settings, environment } = this;
    await checkVersion(client);
    const tell = (message: string): void => environment.onTrouble(this.config.name, message);
    await prepareTarget(client, target, tell);
    const { suffix, name, options } = target;
    const retiring =
      suffix === null || options.retirement === null
        ? null
        : new RetiringIndexes({ client, name, suffix, retirement: options.retirement, clock: environment.clock, tell });
    retiring?.start();
    return new ElasticsearchSink({
      client,
      index: target.name,
      ingestPipeline: target.options.ingestPipeline,
      limits: new BulkLimits({
        documentsMax: target.batchSize ?? settings.bulkDocuments,
        bytesMax: settings.bulkBytes,
        inFlight: settings.inFlight,
      }),
      clock: environment.clock,
      isAppended: options.dataStream,
      retiring,
    });
  }

  async checkTarget(target: RouteTarget): Promise<readonly TargetFinding[]> {
    await checkVersion(this.client);
    return checkTarget(this.client, target);
  }

  forgetTarget(target: RouteTarget): Promise<void> {
    return forgetTemplate(this.client, target);
  }

  openStateLog(): null {
    return null;
  }

  /** Never null: whether the relation exists is asked at the first step of the iteration, which then rejects with TARGET_MISSING. */
  readTable(name: string, signal: AbortSignal): AsyncIterable<RecordSlices> {
    return readIndexes(this.client, name, signal);
  }

  async openLookup(target: LookupTarget): Promise<Lookup> {
    await checkVersion(this.client);
    return DocumentLookup.open(this.client, target);
  }

  async listRelations(): Promise<readonly RelationInfo[]> {
    return (await listIndexes(this.client, "*")).map((name) => ({ name, kind: "index" }));
  }

  diagnose(): Promise<readonly Finding[]> {
    return diagnose(this.client);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}
