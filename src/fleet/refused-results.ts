import { createHash } from "node:crypto";
import { must } from "../assert.ts";
import type { ChangeBatch } from "../model/change.ts";
import { ChangeBatchBuilder } from "../model/change-batch-builder.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import type { ChangeError, Origin, RouteTarget } from "../ports/sink.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import type { Environment } from "../runtime/environment.ts";
import { Lease } from "../runtime/owners/lease.ts";
import { bytesOfText } from "../runtime/routes/bytes-as-text.ts";
import { openRouteSink } from "../runtime/routes/open-route-sink.ts";
import { REFUSED, type RefusedChanges, Route, type Settlement } from "../runtime/routes/route.ts";
import { asked, type FoundLetter } from "./dead-letters.ts";
import { idOf } from "./kept-letter.ts";
import type { RefusedResult } from "./redriving.ts";
import { TableTopic } from "./table-topic.ts";

/** A result that its target refused once more. */
export interface RefusedAgain {
  readonly found: FoundLetter;
  readonly error: ChangeError;
  readonly attempts: number;
}

export interface SentResults {
  /** Letters whose results are at their targets: these, or newer ones. */
  readonly settled: readonly FoundLetter[];
  /** How many of these were there already, or newer ones. */
  readonly superseded: number;
  readonly refused: readonly RefusedAgain[];
}

/** Somebody waits for the answer: what is unavailable for longer is left to another call. */
const RETRIES_MAX = 2;
const RETRY_INTERVAL_MS = 200;

/** Sends changes that targets refused by the routes of their statements, with id and version as they were. */
export class RefusedResults {
  private readonly plan: PipelinePlan;
  private readonly live: LiveConnections;
  private readonly env: Environment;
  /** By statement and way. */
  private readonly routes = new Map<string, Route>();

  constructor(plan: PipelinePlan, live: LiveConnections, env: Environment) {
    this.plan = plan;
    this.live = live;
    this.env = env;
  }

  /** Resolves when the outcome of all is known; rejects as connections do, when some may be there. Sent again they are there already. */
  async send(results: readonly RefusedResult[]): Promise<SentResults> {
    const all = { settled: [] as FoundLetter[], superseded: 0, refused: [] as RefusedAgain[] };
    for (const ofWay of Map.groupBy(results, wayOf).values()) {
      const inOrder = ofWay.toSorted((left, right) => left.found.letter.version - right.found.letter.version);
      const { settled, superseded, refused } = await this.sendThere(inOrder);
      all.settled.push(...settled);
      all.superseded += superseded;
      all.refused.push(...refused);
    }
    return all;
  }

  async close(): Promise<void> {
    await Promise.all([...this.routes.values()].map((route) => route.close()));
  }

  private async sendThere(results: readonly RefusedResult[]): Promise<SentResults> {
    const { route: target } = results[0] as RefusedResult;
    const tables = target.kind === "topic" && target.topicReading === "table" ? await this.tableTopics(target, results) : null;
    const sent = results.filter((result) => !isCovered(result, tables?.get(nameOf(result))));
    const refused: RefusedAgain[] = [];
    const deliver = (some: readonly RefusedResult[]): Promise<Settlement> =>
      this.deliver(some, ({ rows, errors, attempts }) => {
        for (const row of rows) {
          const { found } = some[row] as RefusedResult;
          refused.push({ found, error: errors.get(row) ?? REFUSED, attempts });
        }
      });
    // Readers of a topic tell repeats by origin and place: each result is the only one of an origin of its own.
    const parts = target.kind === "topic" ? sent.map((result) => [result]) : [sent];
    const settlements = await asked(this.live, target.connection, () => Promise.all(parts.filter((part) => part.length > 0).map(deliver)));
    for (const table of tables?.values() ?? []) await asked(this.live, target.connection, () => table.mend());
    const superseded = results.length - sent.length + settlements.reduce((sum, one) => sum + one.superseded, 0);
    const again = new Set(refused.map(({ found }) => found));
    return { settled: results.map(({ found }) => found).filter((found) => !again.has(found)), superseded, refused };
  }

  /** By name, with the rows of the results. */
  private async tableTopics(target: RouteTarget, results: readonly RefusedResult[]): Promise<ReadonlyMap<string, TableTopic>> {
    const tables = new Map<string, TableTopic>();
    for (const [name, ofTopic] of Map.groupBy(results, nameOf)) {
      const keys = new Set(ofTopic.flatMap(({ change }) => change.key ?? []));
      await asked(this.live, target.connection, async ({ source }) => {
        const table = new TableTopic(must(source), name, keys);
        await table.look();
        tables.set(name, table);
      });
    }
    return tables;
  }

  private deliver(results: readonly RefusedResult[], onRefused: (refused: RefusedChanges) => void): Promise<Settlement> {
    const first = results[0] as RefusedResult;
    const batch = batchOf(results);
    return new Promise((resolve, reject) => {
      this.routeOf(first).send({
        batch,
        origin: this.originOf(first),
        onSettled: resolve,
        onFailed: reject,
        isCancelled: () => false,
        onRejected: async (refused) => {
          onRefused(refused);
          return null;
        },
      });
    });
  }

  private originOf({ found: { letter, writer } }: RefusedResult): Origin {
    const digest = createHash("sha256").update(idOf(letter)).digest("base64url").slice(0, 16);
    const statement = `${writer.statement.name} redriven ${digest}`;
    return { pipeline: this.plan.origin, statement, partition: letter.partition, generation: 0 };
  }

  private routeOf(result: RefusedResult): Route {
    const way = wayOf(result);
    const known = this.routes.get(way);
    if (known !== undefined) return known;
    const { statement } = result.found.writer;
    // What was refused is in the state already: it does not wait for a transaction of the statement.
    const { transactionOf: _, ...target } = result.route;
    const route = new Route({
      name: `${statement.name} redriven`,
      settings: { ...statement.settings, errorPolicy: "noop", retriesMax: RETRIES_MAX, retryIntervalMs: RETRY_INTERVAL_MS },
      oneByOne: false,
      openSink: () => openRouteSink(target, (name) => asked(this.live, name, async (connection) => connection)),
      env: this.env,
      lease: new Lease(this.env.clock, () => Number.POSITIVE_INFINITY),
      onTrouble: () => {},
      onRecovered: () => {},
      onFailed: () => {},
    });
    this.routes.set(way, route);
    return route;
  }
}

function nameOf({ change, route }: RefusedResult): string {
  return change.name ?? route.name;
}

/** Whether its row has a record of the same version in the topic, or of a later one. */
function isCovered({ found, change: { key } }: RefusedResult, table: TableTopic | undefined): boolean {
  const version = key === null ? null : (table?.versionOf(key) ?? null);
  return version !== null && version >= found.letter.version;
}

function wayOf({ found, change }: RefusedResult): string {
  return JSON.stringify([found.writer.statement.name, change.to]);
}

function batchOf(results: readonly RefusedResult[]): ChangeBatch {
  const out = new ChangeBatchBuilder(results.length);
  for (const { found, change } of results) {
    const { letter } = found;
    const document = change.operation === "delete" ? Buffer.from(change.identity ?? "") : bytesOfText(letter.document);
    if (document !== null) out.writer.bytes(document, 0, document.length);
    out.beginId();
    out.writer.utf8(change.id);
    const key = bytesOfText(change.key);
    if (key !== null) {
      out.beginKey();
      out.writer.bytes(key, 0, key.length);
    }
    const place = [letter.version, change.timestampMs, letter.offset, change.ordinal, change.name] as const;
    if (change.operation === "delete") out.addDelete(...place);
    else out.addUpsert(...place);
  }
  return out.build();
}
