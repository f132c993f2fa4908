import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { type SentChange, Witness } from "./wrap-connection.ts";

const BLOCK = 50;

lowerLimits({ lookupNoteRecords: BLOCK, lookupKeysMax: 3, lookupLanes: 2, lookupNoteBytesMax: 700, lookupAnswersBytesMax: 4000 });
lowerLimits({
  barrierChangesMax: 50,
  fetchBytesMax: 2048,
  fetchWaitMs: 30,
  batchRowsMax: 40,
  routeBytesMax: 20_000,
  barriersUnackedMax: 2,
});

const T = 1_700_000_000_000;
const PARTITIONS = 2;

interface Reading {
  readonly id: number;
  readonly device: unknown;
  readonly partition: number;
  readonly offset: number;
}

/** What a table says of a device: its room, and whether it counts. */
interface Row {
  readonly room: string;
  readonly on: boolean;
}

/** Texts that are written in several ways, and such as stand for nothing. */
const DEVICES = ["a", "b", "ü ☂", 'say "x"', "tab\there", "\u{1f600}", "1", "null", "", "long".repeat(20), "c", "d", "e", "f"] as const;

function readingsFrom(random: SeededRandom, first: number, count: number, ends: number[]): Reading[] {
  return Array.from({ length: count }, (_, index) => {
    const partition = random.below(PARTITIONS);
    const device = random.chance(0.1) ? null : random.pick(DEVICES);
    const offset = must(ends[partition]);
    ends[partition] = offset + 1;
    return { id: first + index, device, partition, offset };
  });
}

function recordsOf(readings: readonly Reading[]) {
  return readings.map(({ id, device, partition }) => record({ id, device }, { partition, timestampMs: T + id * 10 }));
}

describe("random look-ups", () => {
  const harnessWithTopics = async (witness = new Witness()): Promise<Harness> => {
    const harness = newHarness(witness.wrap);
    await harness.append("readings", [], PARTITIONS);
    await harness.append("states", []);
    await harness.append("moves", []);
    return harness;
  };

  const DECLARE = `
    CREATE STREAM readings (id INT, device STRING) WITH (topic = 'readings');
    CREATE STREAM states (device STRING, room STRING, "on" BOOLEAN, next STRING) WITH (topic = 'states');`;

  const writeRows = async (harness: Harness, rows: ReadonlyMap<string, Row & { readonly next?: string | null }>): Promise<void> => {
    await harness.append(
      "states",
      [...rows].map(([device, row]) => record({ device, ...row })),
    );
    const filling = new Harness(undefined, null, undefined, harness.directory);
    const sql = `${DECLARE} INSERT INTO devices SELECT device, room, "on", next FROM states PK device;`;
    expect((await filling.run("fill", sql)).last.kind).toBe("done");
  };

  const rowsFrom = (random: SeededRandom, label: string): ReadonlyMap<string, Row> =>
    new Map(DEVICES.flatMap((device) => (random.chance(0.8) ? [[device, { room: `${device}@${label}`, on: random.chance(0.8) }]] : [])));

  it.each(seeds([], 3))("give what a search of the whole table gives, whatever the batches and threads: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const harness = await harnessWithTopics();
    const readings = readingsFrom(random, 0, 100 + random.below(300), [0, 0]);
    const table = new Map(
      [...rowsFrom(random, "0")].map(([device, row]) => [device, { ...row, next: random.chance(0.2) ? null : random.pick(DEVICES) }]),
    );
    await writeRows(harness, table);
    await harness.append("readings", recordsOf(readings), PARTITIONS);
    const rows = [0, 1, 3, 1000][random.below(4)];
    const { messages } = await harness.run(
      "p",
      `${DECLARE} SET 'lookup.cache.rows' = ${rows};
       INSERT INTO inners SELECT r.id, d.room FROM readings r JOIN devices d ON r.device = d.device;
       INSERT INTO lefts SELECT r.id, d.room, d."on" AS is_on FROM readings r
         LEFT JOIN devices d ON d._key = r.device AND (d."on" OR r.id % 3 = 0);
       INSERT INTO chains SELECT r.id, d.room, n.room AS next_room FROM readings r JOIN devices d ON r.device = d.device
         LEFT JOIN devices n ON d.next = n.device AND (n."on" = d."on") IS TRUE;
       INSERT INTO counts SELECT COALESCE(CAST(d."on" AS STRING), 'none') AS is_on, COUNT(*) AS n
         FROM readings r LEFT JOIN devices d ON r.device = d.device GROUP BY COALESCE(CAST(d."on" AS STRING), 'none');`,
      { parallelism: random.pick([1, 2]), close: true },
    );
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    const of = (device: unknown) => (typeof device === "string" ? (table.get(device) ?? null) : null);
    const naive = {
      inners: readings.flatMap(({ id, device }) => (of(device) === null ? [] : [{ id, room: of(device)?.room }])),
      lefts: readings.map(({ id, device }) => {
        const row = of(device);
        const isMatch = row !== null && (row.on || id % 3 === 0);
        return { id, room: isMatch ? row.room : null, is_on: isMatch ? row.on : null };
      }),
      chains: readings.flatMap(({ id, device }) => {
        const row = of(device);
        if (row === null) return [];
        const next = of(row.next);
        return [{ id, room: row.room, next_room: next !== null && next.on === row.on ? next.room : null }];
      }),
    };
    for (const [target, expected] of Object.entries(naive)) {
      const seen = (await harness.table(target)) as { id: number }[];
      expect(
        seen.sort((a, b) => a.id - b.id),
        target,
      ).toEqual(expected);
    }
    const counts = (await harness.table("counts")) as { is_on: string; n: number }[];
    for (const isOn of ["true", "false", "none"]) {
      const expected = readings.filter(({ device }) => String(of(device)?.on ?? "none") === isOn).length;
      expect(counts.find(({ is_on }) => is_on === isOn)?.n ?? 0, `of ${isOn}`).toBe(expected);
    }
  });

  it.each(seeds([1_204_276_191, 1_846_902_227], 2))(
    "give each record one row, whatever the table says when it comes again after a crash: seed %i",
    async (seed) => {
      const random = new SeededRandom(seed);
      const witness = new Witness();
      const harness = await harnessWithTopics(witness);
      const ttl = random.pick(["0", "'60s'"]);
      const sql = (): string =>
        `${DECLARE} SET 'commit.interval' = ${random.pick([1, 20, 1000])}; SET 'lookup.cache.ttl' = ${ttl};
       INSERT INTO rows SELECT r.id, r.device, d.room FROM readings r JOIN devices d ON r.device = d.device AND d."on";
       INSERT INTO windows SELECT COALESCE(d.room, 'none') AS room, window_start, COLLECT_LIST(r.id) AS ids
         FROM readings r LEFT JOIN devices d ON r.device = d.device WINDOW TUMBLING (SIZE 500 MILLISECONDS) 
         GROUP BY COALESCE(d.room, 'none') EMIT FINAL;`;
      const ends = [0, 0];
      const readings: Reading[] = [];
      const states: ReadonlyMap<string, Row>[] = [];
      const sent: (SentChange & { readonly run: number })[] = [];
      const from: number[] = [];
      /** By run: the first one whose answers can count in it. */
      const since: number[] = [];
      let ended = 0;
      const runs = 4 + random.below(4);
      for (let run = 0; run <= runs; run++) {
        const before = must(states[run - 1] ?? new Map<string, Row>());
        const state = new Map([...before, ...rowsFrom(random, String(run))]);
        states.push(state);
        since.push(ended);
        await writeRows(harness, state);
        const more = readingsFrom(random, readings.length, random.below(150), ends);
        for (const { id } of more) from[id] = run;
        readings.push(...more);
        await harness.append("readings", recordsOf(more), PARTITIONS);
        const parallelism = random.pick([1, 2]);
        const isLast = run === runs;
        if (isLast || random.chance(0.3)) {
          const { messages } = await harness.run("p", sql(), { close: isLast, parallelism });
          expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
          ended = run + 1;
        } else {
          witness.isMute = random.chance(0.6);
          witness.isDeaf = random.chance(0.2);
          const { handle, ended } = harness.start("p", sql(), { until: "follow", parallelism });
          const wanted = random.below(60);
          await until(() => witness.sent.length >= wanted, "changes", 200).catch(() => {});
          handle.stop(random.pick([0, 0, 5, 2000]));
          const { messages } = await ended;
          expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
          witness.isMute = false;
          witness.isDeaf = false;
        }
        sent.push(...witness.take().map((change) => ({ ...change, run })));
      }

      // What is sent again is the same; between the stages of a statement it is told apart by the place of its record alone.
      const contents = new Map<string, string>();
      for (const { target, id, version, document } of sent.filter((change) => !change.target.startsWith("sluice."))) {
        const name = `${target} ${id} ${version}`;
        expect(document, name).toBe(contents.get(name) ?? document);
        contents.set(name, document);
      }

      // Each record has the row of one state, of a run in which its block of the log was there.
      const blockOf = ({ device, partition, offset }: Reading): string =>
        `${partition} ${Math.floor(offset / BLOCK)} ${JSON.stringify(device)}`;
      const firstRuns = new Map<string, number>();
      for (const reading of readings) {
        const run = Math.min(firstRuns.get(blockOf(reading)) ?? Number.POSITIVE_INFINITY, must(from[reading.id]));
        firstRuns.set(blockOf(reading), run);
      }
      const isPossible = (reading: Reading, last: number, room: string | null, of: (row: Row) => string | null): boolean =>
        states.slice(Math.max(must(firstRuns.get(blockOf(reading))), must(since[must(from[reading.id])])), last + 1).some((state) => {
          const row = typeof reading.device === "string" ? state.get(reading.device) : undefined;
          return (row === undefined ? null : of(row)) === room;
        });

      // Windows have each record once.
      const inRooms = new Map<number, string | null>();
      for (const { room, ids } of (await harness.table("windows")) as { room: string | null; ids: number[] }[]) {
        for (const id of ids) {
          expect(inRooms.has(id), `record ${id} is in one window of one room`).toBe(false);
          inRooms.set(id, room === "none" ? null : room);
        }
      }
      expect(inRooms.size).toBe(readings.length);
      for (const reading of readings) {
        const room = inRooms.get(reading.id) ?? null;
        const what = `record ${reading.id} of ${JSON.stringify(reading.device)} has ${room}`;
        expect(
          isPossible(reading, runs, room, (row) => row.room),
          what,
        ).toBe(true);
      }

      // A row is what was sent of it first, and there is none of which nothing was sent.
      const rows = new Map(((await harness.table("rows")) as { id: number; room: string }[]).map(({ id, room }) => [id, room]));
      const firstSent = new Map<number, { readonly room: string; readonly run: number }>();
      for (const { document, run } of sent.filter(({ target }) => target === "rows")) {
        const { id, room } = JSON.parse(document) as { id: number; room: string };
        if (!firstSent.has(id)) firstSent.set(id, { room, run });
      }
      expect([...rows.keys()].sort()).toEqual([...firstSent.keys()].sort());
      for (const reading of readings) {
        const first = firstSent.get(reading.id);
        const room = rows.get(reading.id) ?? null;
        const what = `record ${reading.id} of ${JSON.stringify(reading.device)} has ${room}`;
        expect(room, what).toBe(first?.room ?? null);
        expect(
          isPossible(reading, first?.run ?? runs, room, (row) => (row.on ? row.room : null)),
          what,
        ).toBe(true);
      }
    },
  );
});
