import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { differences, plainRow } from "../../../bench/nexmark/compare-rows.ts";
import type { Row } from "../../../bench/nexmark/expected/row.ts";
import { allEvents, generate, type NexmarkOptions } from "../../../bench/nexmark/generate.ts";
import { type NexmarkQuery, ownTopics, pipelineTexts, QUERIES, queryText } from "../../../bench/nexmark/queries.ts";
import { sideInputRecords } from "../../../bench/nexmark/side-inputs.ts";
import { catalogText, partitionsOf, recordOf, STREAMS } from "../../../bench/nexmark/topics.ts";
import { parse } from "../../../grammar/parse.ts";
import { analyzePipeline } from "../../../src/analyze/analyze-pipeline.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import { lowerLimits } from "../../property/lower-limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { CATALOG, type Harness } from "../../runtime/harness.ts";
import { newHarness } from "../../runtime/new-harness.ts";
import { ROOT } from "../../support/source-files.ts";
import { NOT_YET } from "./not-yet.ts";

lowerLimits({ barrierChangesMax: 200, fetchBytesMax: 16_384, fetchWaitMs: 30, batchRowsMax: 100 });

const PARTITIONS = 3;
/** Over hours, so that there are days and times of day; the others take a minute. */
const OF_DAYS = ["q14", "q15", "q16", "q17"];
/** Read as tables: what is known of a key is known before the first bid. */
const TABLES = ["q3", "q4", "q9", "q20"];

const textOf = (query: NexmarkQuery): string => `${catalogText(query.layout, PARTITIONS)}\n${queryText(query)}`;
const optionsOf = ({ name }: NexmarkQuery, events: number): NexmarkOptions => ({
  events,
  perSecond: OF_DAYS.includes(name) ? 0.5 : 100,
  jitterMs: 4_000,
});

describe("Nexmark", () => {
  it("has a file for each query", () => {
    const files = readdirSync(join(ROOT, "bench/nexmark")).filter((name) => /^q\d+\.sql$/.test(name));
    expect(files.toSorted()).toEqual(QUERIES.map(({ name }) => `${name}.sql`).toSorted());
  });

  it("knows what cannot run yet, and why", () => {
    const found = QUERIES.flatMap((query) => {
      const { pipeline, diagnostics } = analyzePipeline(parse(textOf(query)), { name: query.name, catalog: CATALOG });
      const codes = new Set(diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code));
      return pipeline === null ? [[query.name, [...codes]] as const] : [];
    });
    expect(Object.fromEntries(found)).toEqual(NOT_YET);
  });

  /** Writes the events in several parts, after each of which the pipelines run to the ends of their topics. */
  async function contents(query: NexmarkQuery, options: NexmarkOptions, random: SeededRandom): Promise<readonly Row[]> {
    const harness = newHarness();
    const { layout, name } = query;
    const partitions = partitionsOf(layout, PARTITIONS);
    await harness.append("side_inputs", name === "q13" ? sideInputRecords(0) : [], partitions);
    for (const own of ownTopics(query)) await harness.append(own.name, [], own.partitions);
    const events = [...generate(options)];
    const isTable = (kind: string): boolean => TABLES.includes(name) && kind !== (name === "q3" ? "auction" : "bid");
    const write = async (kind: keyof typeof STREAMS, from: number, to: number): Promise<void> => {
      const records: RawRecord[] = events.slice(from, to).flatMap((event) => (event.kind === kind ? [recordOf(event, layout)] : []));
      await harness.append(STREAMS[kind], records, partitions);
    };
    for (const kind of ["person", "auction", "bid"] as const) await write(kind, 0, isTable(kind) ? events.length : 0);
    const cuts = [random.below(events.length), random.below(events.length)].toSorted((a, b) => a - b);
    let from = 0;
    for (const to of [...cuts, events.length]) {
      for (const kind of ["person", "auction", "bid"] as const) if (!isTable(kind)) await write(kind, from, to);
      await run(harness, query, to === events.length);
      from = to;
    }
    return ((await harness.table(name)) as Record<string, unknown>[]).map(plainRow);
  }

  /** The pipelines of a query one after the other. */
  async function run(harness: Harness, query: NexmarkQuery, close: boolean): Promise<void> {
    for (const [index, text] of pipelineTexts(query).entries()) {
      const declared = `${catalogText(query.layout, PARTITIONS)}\n${text}`;
      const { last } = await harness.run(`${query.name}-${index}`, declared, { close });
      expect(last).toMatchObject({ kind: "done" });
    }
  }

  const running = QUERIES.filter(({ name }) => !(name in NOT_YET));
  describe.each(seeds([], 1))("of events in parts, seed %i", (seed) => {
    it.each(running)("$name, $asks, gives what a plain computation gives", async (query) => {
      const random = new SeededRandom(seed);
      const options = optionsOf(query, 3_000 + random.below(2_000));
      const found = await contents(query, options, random);
      const wanted = query.expected(allEvents(options));
      expect(wanted.length).toBeGreaterThan(0);
      expect(differences(query.name === "q12" ? bidsByBidder(found) : found, wanted)).toBeNull();
    });
  });
});

/** Which windows there are depends on the clock on the wall, and not how many bids are in all of them. */
function bidsByBidder(rows: readonly Row[]): readonly Row[] {
  const sums = new Map<string | number, number>();
  for (const { bidder = 0, bids = 0 } of rows) sums.set(bidder, (sums.get(bidder) ?? 0) + Number(bids));
  return [...sums].map(([bidder, bids]) => ({ bidder, bids }));
}
