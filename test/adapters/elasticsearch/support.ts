import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ElasticsearchEnvironment, openElasticsearch } from "../../../src/adapters/elasticsearch/open-elasticsearch.ts";
import type { ChangeBatch } from "../../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../../src/model/change-batch-builder.ts";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Connection, ConnectionConfig } from "../../../src/ports/connection.ts";
import type { Origin, RouteTarget } from "../../../src/ports/sink.ts";

export const ORIGIN: Origin = { pipeline: "p", statement: "s", partition: 0, generation: 1 };

export interface Row {
  readonly id: string;
  readonly version: number;
  /** JSON text as it is; absent: the change is a delete. */
  readonly document?: string;
  /** Index; given for all rows or for none. */
  readonly index?: string;
}

export function changesOf(rows: readonly Row[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const [offset, row] of rows.entries()) {
    const index = row.index ?? null;
    if (row.document !== undefined) builder.writer.utf8(row.document);
    builder.beginId();
    builder.writer.utf8(row.id);
    if (row.document === undefined) builder.addDelete(row.version, 0, offset, 0, index);
    else builder.addUpsert(row.version, 0, offset, 0, index);
  }
  return builder.build();
}

export function targetOf(name: string, options: Partial<RouteTarget> = {}): RouteTarget {
  return {
    connection: "elastic",
    kind: "index",
    name,
    mode: "insert",
    columns: [],
    keyColumns: [],
    suffix: null,
    autocreate: false,
    batchSize: null,
    ttlSeconds: null,
    topicReading: "stream",
    compacted: false,
    partitions: null,
    options: NO_OPTIONS,
    ...options,
  };
}

export function configOf(settings: Readonly<Record<string, unknown>>): ConnectionConfig {
  return { name: "elastic", kind: "elasticsearch", as: "elasticsearch", settings };
}

const CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined),
};

/** A connection, and what it told its trouble listener. */
export function connect(settings: Readonly<Record<string, unknown>>, clock: Clock = CLOCK): { connection: Connection; troubles: string[] } {
  const troubles: string[] = [];
  const environment: ElasticsearchEnvironment = {
    clock,
    random: { next: () => Math.random() },
    onTrouble: (_connection, message) => void troubles.push(message),
  };
  return { connection: openElasticsearch(configOf(settings), environment), troubles };
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/** A server that gives recorded answers; `null` closes the connection without any. */
export class ReplayServer {
  readonly exchanges: Exchange[] = [];
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(reply: (exchange: Exchange) => Reply | null | Promise<Reply | null>): Promise<ReplayServer> {
    const server = createServer();
    const replay = new ReplayServer(server);
    server.on("request", async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      const exchange = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      replay.exchanges.push(exchange);
      const answer = await reply(exchange);
      if (answer === null) {
        request.socket.destroy();
        return;
      }
      const headers = { "x-elastic-product": "Elasticsearch", "content-type": "application/json", ...answer.headers };
      response.writeHead(answer.status, headers).end(answer.body === undefined ? "" : JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return replay;
  }

  get node(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The bulk requests that arrived, as the ids of their actions. */
  bulks(): string[][] {
    const bulks = this.exchanges.filter((exchange) => exchange.path.startsWith("/_bulk"));
    return bulks.map((bulk) => [...bulk.body.matchAll(/^\{"(?:index|delete)":\{.*?"_id":"([^"]*)"/gm)].map((match) => match[1] ?? ""));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** `GET /` as a server of that version answers it. */
export function rootReply(version: string): Reply {
  return { status: 200, body: { name: "node-1", version: { number: version }, tagline: "You Know, for Search" } };
}

/** What a bulk request's answer looks like when every item has the same status. */
export function bulkReply(exchange: Exchange, status = 201): Reply {
  const actions = [...exchange.body.matchAll(/^\{"(index|delete)":\{"_index"/gm)].map((match) => match[1] as string);
  return { status: 200, body: { errors: status >= 300, items: actions.map((action) => ({ [action]: { status } })) } };
}
