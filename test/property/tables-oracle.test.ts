import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Witness } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 40, deltaGroupsMax: 90, fetchBytesMax: 8192, fetchWaitMs: 30, batchRowsMax: 100 });

/** `v` is undefined where it is no number, so that whoever reads it refuses the record. */
interface Row {
  readonly region: string | null;
  readonly v: number | null | undefined;
  readonly tag: string | null;
}

/** A record of the table: null deletes. */
interface Change {
  readonly key: string;
  readonly row: Row | null;
}

const PARTITIONS = 3;
const KEYS = Array.from({ length: 25 }, (_, index) => (index === 7 ? 'quo"te' : index === 8 ? "café" : `k${index}`));
const partitionOf = (key: string): number => key.length % PARTITIONS;

function randomChanges(random: SeededRandom, count: number): Change[] {
  return Array.from({ length: count }, () => {
    const v = random.chance(0.1) ? null : random.chance(0.02) ? undefined : (random.below(80) - 20) / 4;
    const row = { region: random.chance(0.1) ? null : random.pick(["north", "south", "east"]), v, tag: random.pick(["x", "y", null]) };
    return { key: random.pick(KEYS), row: random.chance(0.2) ? null : row };
  });
}

function recordsOf(changes: readonly Change[], partition: (key: string) => number): RawRecord[] {
  return changes.map(({ key, row }, index) => {
    const value = row === null ? null : { ...row, v: row.v === undefined ? "much" : row.v };
    return record(value, { key, timestampMs: 1_700_000_000_000 + index, partition: partition(key) });
  });
}

const TABLE = "id STRING PRIMARY KEY, region STRING, v DOUBLE, tag STRING";
const AGGREGATES = `COUNT(*) AS n, COUNT(v) AS nv, SUM(v) AS total, AVG(v) AS mean, MIN(v) AS lo, MAX(v) AS hi, VAR_POP(v) AS spread,
  COUNT(DISTINCT tag) AS tags, COLLECT_LIST(id) AS ids, LATEST_BY_OFFSET(id) AS latest, COUNT(*) FILTER (WHERE v > 5) AS above,
  MEDIAN(v) AS middle`;
const SQL = `
  CREATE TABLE t (${TABLE}) WITH (topic = 't'); CREATE TABLE one (${TABLE}) WITH (topic = 'one');
  SET 'error.policy' = 'noop';
  INSERT INTO filtered SELECT id, v * 2 AS twice, region FROM t WHERE tag = 'x';
  INSERT INTO whole SELECT * FROM t WHERE v IS NULL OR v > -1;
  INSERT INTO own SELECT id, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY id;
  INSERT INTO regions SELECT region, ${AGGREGATES} FROM one WHERE region IS NOT NULL GROUP BY region;
  INSERT INTO several SELECT region, COUNT(*) AS n FROM one WHERE region <> 'east' AND tag = 'y' GROUP BY region HAVING COUNT(*) > 1;
  INSERT INTO kinds SELECT DISTINCT region, tag FROM one WHERE region IS NOT NULL AND tag IS NOT NULL;
  INSERT INTO kafka_regions SELECT region, COUNT(*) AS n FROM one WHERE region IS NOT NULL AND tag = 'x' GROUP BY region;
  CREATE TABLE hot AS SELECT id, region FROM one WHERE v > 5;
  INSERT INTO hot_regions SELECT region, COUNT(*) AS n FROM hot WHERE region IS NOT NULL GROUP BY region;
  CREATE TABLE sizes AS SELECT region, COUNT(*) AS n FROM one WHERE region IS NOT NULL GROUP BY region;
  INSERT INTO by_size SELECT n, COUNT(*) AS regions, COLLECT_LIST(region) AS which FROM sizes GROUP BY n;`;
const TARGETS = ["filtered", "whole", "own", "regions", "several", "kinds", "kafka_regions", "hot_regions", "by_size"];

/** What is there after all changes, with the place of the last one of each key; `takes` says which records are taken at all. */
function latest(changes: readonly Change[], takes: (row: Row) => boolean): (Row & { readonly id: string; readonly at: number })[] {
  const rows = new Map<string, Row & { id: string; at: number }>();
  for (const [at, { key, row }] of changes.entries()) {
    if (row === null) rows.delete(key);
    else if (takes(row)) rows.set(key, { ...row, id: key, at });
  }
  return [...rows.values()].sort((left, right) => left.at - right.at);
}

function groupsOf<R>(rows: readonly R[], key: (row: R) => unknown): readonly (readonly R[])[] {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const text = JSON.stringify(key(row));
    groups.set(text, [...(groups.get(text) ?? []), row]);
  }
  return [...groups.values()];
}

function expected(changes: readonly Change[]): Record<string, readonly unknown[]> {
  // A record with a wrong type is refused by those that look at it, as a whole; the row stays as it was.
  const isSound = ({ v }: Row): boolean => v !== undefined;
  const sound = latest(changes, isSound);
  const tagged = latest(changes, (row) => row.tag !== "x" || isSound(row)).filter(({ tag }) => tag === "x");
  const placed = latest(changes, (row) => row.region === null || isSound(row)).filter(({ region }) => region !== null);
  const untyped = latest(changes, () => true);
  const regions = groupsOf(placed, ({ region }) => region);
  const sizes = groupsOf(
    untyped.filter(({ region }) => region !== null),
    ({ region }) => region,
  );
  return {
    filtered: tagged.map(({ id, v, region }) => ({ id, twice: v === null ? null : must(v) * 2, region })),
    whole: sound.filter(({ v }) => v === null || must(v) > -1).map(({ id, region, v, tag }) => ({ id, region, v, tag })),
    own: sound.map(({ id, v }) => ({ id, n: 1, total: v })),
    regions: regions.map(summary),
    several: groupsOf(
      untyped.filter(({ region, tag }) => region !== null && region !== "east" && tag === "y"),
      ({ region }) => region,
    )
      .filter((rows) => rows.length > 1)
      .map((rows) => ({ region: rows[0]?.region, n: rows.length })),
    kinds: groupsOf(
      untyped.filter(({ region, tag }) => region !== null && tag !== null),
      ({ region, tag }) => [region, tag],
    ).map(([first]) => ({ region: first?.region, tag: first?.tag })),
    kafka_regions: groupsOf(
      untyped.filter(({ region, tag }) => region !== null && tag === "x"),
      ({ region }) => region,
    ).map((rows) => ({ region: rows[0]?.region, n: rows.length })),
    hot_regions: groupsOf(
      sound.filter(({ v, region }) => v !== null && must(v) > 5 && region !== null),
      ({ region }) => region,
    ).map((rows) => ({ region: rows[0]?.region, n: rows.length })),
    by_size: groupsOf(sizes, (rows) => rows.length).map((same) => ({
      n: same[0]?.length,
      regions: same.length,
      which: same.map((rows) => rows[0]?.region).sort(),
    })),
  };
}

function summary(rows: readonly (Row & { readonly id: string })[]) {
  const numbers = rows.map(({ v }) => v).filter((v) => v !== null && v !== undefined);
  const count = numbers.length;
  const total = numbers.reduce((sum, v) => sum + v, 0);
  const some = <T>(value: T): T | null => (count === 0 ? null : value);
  const sorted = [...numbers].sort((left, right) => left - right);
  return {
    region: rows[0]?.region,
    n: rows.length,
    nv: count,
    total: some(total),
    mean: some(total / count),
    lo: some(Math.min(...numbers)),
    hi: some(Math.max(...numbers)),
    spread: some(numbers.reduce((sum, v) => sum + (v - total / count) ** 2, 0) / count),
    tags: new Set(rows.map(({ tag }) => tag).filter((tag) => tag !== null)).size,
    ids: rows.map(({ id }) => id),
    latest: rows.at(-1)?.id,
    above: numbers.filter((v) => v > 5).length,
    middle: some((must(sorted[Math.floor((count - 1) / 2)] ?? 0) + must(sorted[Math.ceil((count - 1) / 2)] ?? 0)) / 2),
  };
}

/** Doubles to nine digits, and lists whose order is that of changes between results in an order of their own. */
function comparable(target: string, rows: readonly unknown[]): readonly string[] {
  const text = (name: string, value: unknown): unknown => {
    if (typeof value === "number") return Number(value.toPrecision(9));
    return (target === "by_size" && name === "which") || (target === "by_name" && name === "ids") ? [...(value as string[])].sort() : value;
  };
  return rows.map((row) => JSON.stringify(row, (name, value: unknown) => text(name, value))).sort();
}

describe("tables against a naive recompute", () => {
  it.each(seeds([], 6))("agree whatever the cuts, stops, crashes and threads: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const changes = randomChanges(random, 50 + random.below(700));
    const witness = new Witness();
    const harness = newHarness(witness.wrap);
    await harness.append("t", [], PARTITIONS);
    await harness.append("one", []);
    const sql = (): string => `SET 'commit.interval' = ${random.pick([1, 20, 1000])}; ${SQL}`;
    const parallelism = (): number => random.pick([1, 2]);
    const [spread, single] = [recordsOf(changes, partitionOf), recordsOf(changes, () => 0)];
    for (let from = 0; from < changes.length; ) {
      const to = Math.min(from + 1 + random.below(250), changes.length);
      await harness.append("t", spread.slice(from, to), PARTITIONS);
      await harness.append("one", single.slice(from, to));
      from = to;
      if (random.chance(0.3)) continue;
      if (random.chance(0.4)) {
        await harness.run("p", sql(), { parallelism: parallelism() });
        continue;
      }
      witness.isMute = random.chance(0.5);
      const { handle, ended } = harness.start("p", sql(), { until: "follow", parallelism: parallelism() });
      const wanted = random.below(60);
      await until(() => witness.sent.length >= wanted, "changes", 150).catch(() => {});
      handle.stop(random.pick([0, 0, 5, 2000]));
      await ended;
      witness.isMute = false;
      witness.take();
    }
    const { statements, messages } = await harness.run("p", sql(), { parallelism: parallelism() });
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    for (const { counters } of statements) {
      expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
      expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
    }
    const wanted = expected(changes);
    for (const target of TARGETS) {
      expect(comparable(target, await harness.table(target)), target).toEqual(comparable(target, must(wanted[target])));
    }
  });

  it.each(seeds([], 4))("agree where tables are joined before they are aggregated: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const isSound = ({ row }: Change): boolean => row?.v !== undefined || row === null;
    const [left, right] = [randomChanges(random, 400).filter(isSound), randomChanges(random, 300).filter(isSound)];
    const names = randomChanges(random, 60).flatMap(({ row }): Change[] =>
      row === null ? [] : [{ key: random.pick(["north", "south", "east", "west"]), row: random.chance(0.3) ? null : row }],
    );
    const witness = new Witness();
    const harness = newHarness(witness.wrap);
    const sql = (): string => `SET 'commit.interval' = ${random.pick([1, 20, 1000])};
      CREATE TABLE a (${TABLE}) WITH (topic = 'a', partitions = 1); CREATE TABLE b (${TABLE}) WITH (topic = 'b', partitions = 1);
      CREATE TABLE names (region STRING PRIMARY KEY, tag STRING) WITH (topic = 'names', partitions = 1);
      INSERT INTO inner_join SELECT b.tag, COUNT(*) AS n, SUM(a.v) AS total FROM a JOIN b ON a.id = b.id
        WHERE b.tag IS NOT NULL GROUP BY b.tag;
      INSERT INTO left_join SELECT a.tag, COUNT(*) AS n, COUNT(b.id) AS matched, MAX(b.v) AS most FROM a LEFT JOIN b ON a.id = b.id
        WHERE a.tag IS NOT NULL GROUP BY a.tag;
      INSERT INTO full_join SELECT COALESCE(a.tag, 'none') AS own, COALESCE(b.tag, 'none') AS other, COUNT(*) AS n
        FROM a FULL JOIN b ON a.id = b.id GROUP BY COALESCE(a.tag, 'none'), COALESCE(b.tag, 'none');
      INSERT INTO by_name SELECT m.tag, COUNT(*) AS n, COLLECT_LIST(a.id) AS ids FROM a JOIN names m ON a.region = m.region
        WHERE m.tag IS NOT NULL GROUP BY m.tag;`;
    for (const topic of ["a", "b", "names"]) await harness.append(topic, []);
    const given = { a: recordsOf(left, () => 0), b: recordsOf(right, () => 0), names: recordsOf(names, () => 0) };
    const parts = 1 + random.below(5);
    for (let part = 1; part <= parts; part++) {
      for (const [topic, records] of Object.entries(given)) {
        await harness.append(topic, records.slice(((part - 1) / parts) * records.length, (part / parts) * records.length));
      }
      if (random.chance(0.5)) continue;
      witness.isMute = random.chance(0.5);
      const { handle, ended } = harness.start("p", sql(), { until: "follow" });
      await until(() => witness.sent.length > 10, "changes", 150).catch(() => {});
      handle.stop(random.pick([0, 5, 2000]));
      await ended;
      witness.isMute = false;
      witness.take();
    }
    const { statements, messages } = await harness.run("p", sql());
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    for (const { counters } of statements) {
      expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
    }
    const [a, b, m] = [left, right, names].map((changes) => new Map(latest(changes, () => true).map((row) => [row.id, row])));
    const keys = [...new Set([...must(a).keys(), ...must(b).keys()])];
    const pairs = keys.map((key) => ({ own: must(a).get(key), other: must(b).get(key) }));
    const both = pairs.filter(({ own, other }) => own !== undefined && typeof other?.tag === "string");
    const wanted: Record<string, readonly unknown[]> = {
      inner_join: groupsOf(both, ({ other }) => other?.tag).map((rows) => ({
        tag: rows[0]?.other?.tag,
        n: rows.length,
        total: rows.some(({ own }) => own?.v !== null) ? rows.reduce((sum, { own }) => sum + (own?.v ?? 0), 0) : null,
      })),
      left_join: groupsOf(
        pairs.filter(({ own }) => typeof own?.tag === "string"),
        ({ own }) => own?.tag,
      ).map((rows) => {
        const values = rows.flatMap(({ other }) => other?.v ?? []);
        const matched = rows.filter(({ other }) => other !== undefined).length;
        return { tag: rows[0]?.own?.tag, n: rows.length, matched, most: values.length === 0 ? null : Math.max(...values) };
      }),
      full_join: groupsOf(pairs, ({ own, other }) => [own?.tag ?? "none", other?.tag ?? "none"]).map((rows) => ({
        own: rows[0]?.own?.tag ?? "none",
        other: rows[0]?.other?.tag ?? "none",
        n: rows.length,
      })),
      by_name: groupsOf(
        [...must(a).values()].filter(({ region }) => region !== null && typeof must(m).get(region)?.tag === "string"),
        ({ region }) => must(m).get(region ?? "")?.tag,
      ).map((rows) => ({ tag: must(m).get(rows[0]?.region ?? "")?.tag, n: rows.length, ids: rows.map(({ id }) => id) })),
    };
    for (const [target, rows] of Object.entries(wanted)) {
      expect(comparable(target, await harness.table(target)), target).toEqual(comparable(target, rows));
    }
  });
});
