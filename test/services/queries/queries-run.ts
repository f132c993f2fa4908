import { afterAll, expect } from "vitest";
import { must } from "../../../src/assert.ts";
import type { PipelineReport, Report } from "../../../src/cli/report.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { rowDifferences } from "../../support/row-differences.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { openStores, type Stores } from "../open-stores.ts";
import type { ProvidedServices } from "../provided.ts";
import { documentsOf } from "../read-back.ts";
import { ScratchProject } from "../scratch-project.ts";
import { isSameRow, type Row } from "./naive.ts";

/** A record for a topic: its key and timestamp, and what it says. */
export interface Sent {
  readonly key: string;
  readonly timeMs: number;
  readonly value: Row | null;
}

/** A record that a topic holds; without a row it is a delete. */
export interface Logged {
  readonly key: string | null;
  readonly timestampMs: number;
  readonly row: Row | null;
}

export const rowsOf = (log: readonly Logged[]): Row[] => log.flatMap(({ row }) => (row === null ? [] : [row]));

/** The pipelines of `queries/` on real services, run by the command line. */
export class QueriesRun {
  readonly project: ScratchProject;
  readonly stores: Stores;
  private readonly running = new Set<SluiceProcess>();

  private constructor(project: ScratchProject, stores: Stores) {
    this.project = project;
    this.stores = stores;
    afterAll(async () => {
      for (const process of this.running) process.kill("SIGKILL");
      await stores.close();
      project.dispose();
    });
  }

  static async open(services: { readonly [Name in keyof ProvidedServices]: NonNullable<ProvidedServices[Name]> }): Promise<QueriesRun> {
    const project = new ScratchProject(services);
    return new QueriesRun(project, await openStores(project));
  }

  /** A name of `queries/` as it is here. */
  named(name: string): string {
    return this.project.renamed(name);
  }

  async createTopic(name: string, compacted = false): Promise<void> {
    await this.stores.source.createTopic(this.named(name), { partitions: 4, compacted });
  }

  async send(name: string, records: readonly Sent[]): Promise<void> {
    const raw = records.map(({ key, timeMs, value }) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
      timestampMs: timeMs,
    }));
    await this.stores.source.append(this.named(name), raw);
  }

  start(...args: string[]): SluiceProcess {
    const process = new SluiceProcess(["run", ...args, "--report", "json"], { cwd: this.project.directory, env: this.project.env });
    this.running.add(process);
    void process.ended.finally(() => this.running.delete(process));
    return process;
  }

  /** To the ends that the topics have now. */
  async runToEnd(...args: string[]): Promise<readonly PipelineReport[]> {
    const { code, stdout, stderr } = await this.start(...args, "--until-end").ended;
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as Report).pipelines;
  }

  /** What a topic holds, partition by partition, in the order of the log. */
  async logsOf(name: string): Promise<Logged[][]> {
    const topic = this.named(name);
    const { source } = this.stores;
    const { partitions } = must(await source.describeTopic(topic), topic);
    const logs: Logged[][] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const records = await readToEnd(source, topic, partition);
      logs.push(
        records.map(({ key, value, timestampMs }) => ({ key, timestampMs, row: value === null ? null : (JSON.parse(value) as Row) })),
      );
    }
    return logs;
  }

  /** That an index or a table comes to hold these rows and no others, by their key. */
  async expectRows(connection: Connection, name: string, expected: ReadonlyMap<string, Row>, keyOf: (row: Row) => string): Promise<void> {
    const read = (): Promise<Row[]> => documentsOf<Row>(connection, this.named(name)).catch(() => []);
    await until(
      async () => (await read()).length >= expected.size,
      `${expected.size} rows of ${name}`,
      60_000,
      () => "",
      500,
    );
    expectSame(await read(), expected, keyOf);
  }
}

export function expectSame(rows: readonly Row[], expected: ReadonlyMap<string, Row>, keyOf: (row: Row) => string): void {
  expect(expected.size).toBeGreaterThan(0);
  expect(rowDifferences(rows, expected, keyOf, isSameRow)).toEqual([]);
}

export const byKey = (rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [keyOf(row), row]));
