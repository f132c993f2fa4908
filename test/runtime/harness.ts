import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import { must } from "../../src/assert.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import { planPipeline } from "../../src/plan/plan-pipeline.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Connection, ConnectionConfig } from "../../src/ports/connection.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import { inThisThread, type StartThread } from "../../src/runtime/pipeline-thread.ts";
import type { FromPipeline, StartMessage, StatementProgress } from "../../src/runtime/protocol.ts";
import { type PipelineHandle, startPipeline } from "../../src/runtime/start-pipeline.ts";
import { type LogRecord, readToEnd } from "../conformance/read-log.ts";
import { withPoisonedReleases } from "./poisoned-releases.ts";

const EMBEDDED: ConnectionConfig = { name: "embedded", kind: "embedded", as: "embedded", settings: {} };

export const CATALOG: Catalog = {
  connections: new Map([["embedded", { name: "embedded", kind: "embedded", as: "embedded" }]]),
  defaultSource: "embedded",
  defaultSink: "embedded",
  streams: new Map(),
};

export interface Ended {
  readonly last: FromPipeline;
  readonly messages: readonly FromPipeline[];
  readonly statements: readonly StatementProgress[];
  readonly fetched: number;
}

/** Pipelines on a real embedded store in a directory of its own. */
export class Harness {
  readonly directory: string;
  private readonly wrap: (connection: Connection) => Connection;
  private readonly startThread: StartThread | null;
  private readonly clock: Clock;

  /** `startThread`: where pipelines run, if not in the test's own thread. */
  constructor(
    wrap: (connection: Connection) => Connection = (connection) => connection,
    startThread: StartThread | null = null,
    clock: Clock = systemClock,
    directory = mkdtempSync(join(tmpdir(), "sluice-")),
  ) {
    this.directory = directory;
    this.wrap = wrap;
    this.startThread = startThread;
    this.clock = clock;
  }

  plan(name: string, sql: string): PipelinePlan {
    const { pipeline, diagnostics } = analyzePipeline(parse(sql), { name, catalog: CATALOG });
    if (pipeline === null) throw new Error(diagnostics.map((diagnostic) => renderDiagnostic(sql, diagnostic, {})).join("\n"));
    return planPipeline(pipeline, { keepState: true });
  }

  start(
    name: string,
    sql: string,
    options: Partial<StartMessage> = {},
  ): { handle: PipelineHandle; messages: FromPipeline[]; ended: Promise<Ended> } {
    const messages: FromPipeline[] = [];
    const message: StartMessage = {
      kind: "start",
      plan: this.plan(name, sql),
      connections: [EMBEDDED],
      dataDirectory: this.directory,
      until: "ends",
      close: false,
      start: null,
      to: null,
      progressIntervalMs: 50,
      parallelism: 1,
      ...options,
    };
    const env = this.environment();
    const handle = startPipeline(message, {
      env,
      startThread: this.startThread ?? inThisThread(env),
      onMessage: (from) => messages.push(from),
    });
    const ended = handle.ended.then((last) => ({
      last,
      messages,
      statements: last.kind === "failed" ? [] : last.statements,
      fetched: last.kind === "failed" ? 0 : last.messages,
    }));
    return { handle, messages, ended };
  }

  run(name: string, sql: string, options: Partial<StartMessage> = {}): Promise<Ended> {
    return this.start(name, sql, options).ended;
  }

  async append(topic: string, records: readonly RawRecord[], partitions = 1): Promise<void> {
    await this.using(async (connection) => {
      const source = must(connection.source);
      await source.createTopic(topic, { partitions });
      await source.append(topic, records);
    });
  }

  /** The documents of an index or table, by id order. */
  async table(name: string): Promise<unknown[]> {
    return (await this.tableTexts(name)).map((text) => JSON.parse(text) as unknown);
  }

  /** The same as they are written, byte for byte. */
  async tableTexts(name: string): Promise<string[]> {
    return this.using(async (connection) => {
      const documents: string[] = [];
      for await (const slices of connection.readTable(name, new AbortController().signal) ?? []) {
        for (let row = 0; row < slices.count; row++) {
          documents.push(slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row]));
        }
      }
      return documents;
    });
  }

  /** The values of a topic's records, partition by partition. */
  async topic(name: string): Promise<unknown[]> {
    return this.using(async (connection) => {
      const source = must(connection.source);
      const values: unknown[] = [];
      const { partitions } = must(await source.describeTopic(name), name);
      for (let partition = 0; partition < partitions; partition++) {
        const reader = source.openPartition(name, partition);
        const { endOffset } = await source.bounds(name, partition);
        for (let offset = 0; offset < endOffset; ) {
          const result = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 0, signal: new AbortController().signal });
          for (const slices of result.batches) {
            for (let row = 0; row < slices.count; row++) {
              const start = slices.valueStarts[row] as number;
              values.push(start < 0 ? null : JSON.parse(slices.bytes.toString("utf8", start, slices.valueEnds[row])));
            }
          }
          offset = result.nextOffset;
        }
        await reader.close();
      }
      return values;
    });
  }

  /** A topic's first partition, record by record. */
  records(name: string): Promise<readonly LogRecord[]> {
    return this.using((connection) => readToEnd(must(connection.source), name));
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private environment(): Environment {
    const { clock } = this;
    return {
      clock,
      random: systemRandom,
      createDecoder,
      openConnection: async (config, dataDirectory) => this.wrap(withPoisonedReleases(openEmbedded(config, dataDirectory, clock))),
    };
  }

  async using<T>(action: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = openEmbedded(EMBEDDED, this.directory, this.clock);
    try {
      return await action(connection);
    } finally {
      await connection.close();
    }
  }
}

export function record(value: unknown, options: { key?: string; timestampMs?: number; partition?: number } = {}): RawRecord {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return {
    key: options.key === undefined ? null : Buffer.from(options.key),
    value: value === null ? null : Buffer.from(text),
    timestampMs: options.timestampMs ?? 1_700_000_000_000,
    partition: options.partition ?? null,
  };
}
