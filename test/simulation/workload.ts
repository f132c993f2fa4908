import type { SeededRandom } from "../property/random.ts";
import type { Item } from "./items.ts";
import { enriched, lookedUp, near } from "./joins.ts";
import { ranking } from "./ranking.ts";
import { Counting, type Document, into, judge, LOOSE, named, randomSource, WHERE, type Where } from "./statement-parts.ts";

/** A record at its place, as a statement of one pipeline meets it. */
export interface Met extends Item {
  readonly offset: number;
  /** A note refuses its timestamp: it moves no time. */
  readonly isRefused: boolean;
}

export interface Counts {
  readonly in: number;
  readonly applied: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLettered: number;
}

export interface Expected {
  /** Documents of the target, once all windows are closed. */
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  readonly counts: Counts;
  /** Partition and offset of the records that are dead letters; null: nobody worked them out. */
  readonly dead: readonly string[] | null;
}

export type TargetKind = "index" | "table" | "topic";

/** One statement and what must come of it. New features of the language join here: as one more maker below. */
export interface Workload {
  readonly name: string;
  /** What the statement is called. */
  readonly statement: string;
  readonly target: TargetKind;
  /** Its ids hold the key of the record: those that targets refuse do not arrive. */
  readonly hasKeyIds: boolean;
  /** Of a topic: its records are rows or results, each of which counts, and not the latest of each key. */
  readonly isStream: boolean;
  /** What has changed leaves later than the checkpoints that cover it. */
  readonly isSpaced?: boolean;
  /** Its log is that of several topics, merged. */
  readonly isJoined?: boolean;
  /** Another pipeline may count what it has written by its keys. */
  readonly isChained: boolean;
  readonly sql: string;
  /** `met`: the records of a topic, partition by partition. */
  expect(met: (source: SourceName) => readonly (readonly Met[])[]): Expected;
}

/** Topics that are read: of one the record keys are the devices, of another there are none; one is a table that does not change. */
export type SourceName = "readings" | "loose" | "labels";

function declarations(partitions: number): string {
  const columns = "v BIGINT, tag STRING";
  const common = `topic = 'readings', key = 'device', partitions = ${partitions}`;
  return `
    CREATE STREAM timed (device STRING, time TIMESTAMP, ${columns}) WITH (${common}, timestamp = 'time');
    CREATE STREAM untimed (device STRING, ${columns}) WITH (${common});
    CREATE STREAM loose (device STRING, ${columns}) WITH (topic = 'loose', partitions = ${partitions});
    CREATE TABLE labels (device STRING PRIMARY KEY, tag STRING) WITH (topic = 'labels', partitions = ${partitions});
    CREATE STREAM loose_timed (device STRING, time TIMESTAMP, ${columns}) WITH (topic = 'loose', partitions = ${partitions}, timestamp = 'time');`;
}

export type Maker = (random: SeededRandom, name: string) => Workload;

/** Rows that are told apart by the place of their record; to a topic they go with its key, or with none. */
export const rows: Maker = (random, name) => {
  const where = random.pick<Where>(["none", "v", "tag"]);
  const target = random.pick<TargetKind>(["index", "topic"]);
  const [source, from] = random.pick([["readings", "untimed"] as const, ["loose", "loose"] as const]);
  return {
    ...named(name),
    target,
    hasKeyIds: false,
    isStream: true,
    isChained: target === "topic" && source === "readings",
    sql: `INSERT INTO ${into(target, name)} SELECT device, v, tag, _partition AS p, _offset AS at FROM ${from} ${WHERE[where]};`,
    expect: (met) => {
      const counting = new Counting();
      const documents = met(source).flatMap((items) =>
        items
          .filter((item) => counting.add(judge(item, where), item))
          .map(({ device, v, tag, partition, offset }) => ({ device, v, tag, p: partition, at: offset })),
      );
      return counting.of(documents);
    },
  };
};

/** The latest row of each key; a tombstone deletes it. */
export const latest: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "table"]);
  const where = random.pick<Where>(["none", "v", "tag"]);
  return {
    ...named(name),
    target,
    hasKeyIds: true,
    isStream: false,
    isChained: false,
    sql: `INSERT INTO ${into(target, name)} SELECT device, v, tag FROM untimed ${WHERE[where]} PK device;`,
    expect: (met) => {
      const counting = new Counting();
      const found = new Map<string, Document>();
      for (const item of met("readings").flat()) {
        if (item.text === null) {
          counting.add("applied", item);
          found.delete(item.device);
        } else if (counting.add(judge(item, where), item)) found.set(item.device, { device: item.device, v: item.v, tag: item.tag });
      }
      return counting.of([...found.values()]);
    },
  };
};

/** Columns of a row by themselves, as several statements may fill one table. */
const cells: Maker = (random, name) => {
  const where = random.pick<Where>(["v", "tag"]);
  return {
    ...named(name),
    target: "table",
    hasKeyIds: true,
    isStream: false,
    isChained: false,
    sql: `UPSERT INTO ${into("table", name)} SELECT device, v, tag FROM untimed ${WHERE[where]} PK device;`,
    expect: (met) => {
      const counting = new Counting();
      const found = new Map<string, Document>();
      for (const item of met("readings").flat()) {
        if (item.text === null) {
          counting.add("applied", item);
          found.delete(item.device);
        } else if (counting.add(judge(item, where), item)) found.set(item.device, { device: item.device, v: item.v, tag: item.tag });
      }
      return counting.of([...found.values()]);
    },
  };
};

/** Several rows of one record. */
const elements: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "topic"]);
  return {
    ...named(name),
    target,
    hasKeyIds: false,
    isStream: true,
    isChained: target === "topic",
    sql: `INSERT INTO ${into(target, name)} SELECT device, n, _offset AS at FROM untimed CROSS JOIN UNNEST(ARRAY[1, 2, 3]) AS n WHERE v > n;`,
    expect: (met) => {
      const counting = new Counting();
      const documents: Document[] = [];
      for (const item of met("readings").flat()) {
        const { device, v, offset } = item;
        const verdict = judge(item, "none");
        const taken = verdict === "applied" && v !== null ? [1, 2, 3].filter((n) => (v as number) > n) : [];
        counting.add(verdict === "applied" && taken.length === 0 ? "filtered" : verdict, item);
        documents.push(...taken.map((n) => ({ device, n, at: offset })));
      }
      return counting.of(documents);
    },
  };
};

const pairs: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "table"]);
  const { source, untimed } = randomSource(random);
  return {
    ...named(name),
    target,
    hasKeyIds: true,
    isStream: false,
    isChained: false,
    sql: `INSERT INTO ${into(target, name)} SELECT DISTINCT device, tag FROM ${untimed} WHERE tag IS NOT NULL;`,
    expect: (met) => {
      const counting = new Counting();
      const found = new Map<string, Document>();
      for (const item of met(source).flat()) {
        const verdict = judge(item, "none", false);
        if (!counting.add(verdict === "applied" && item.tag === null ? "filtered" : verdict, item)) continue;
        found.set(JSON.stringify([item.device, item.tag]), { device: item.device, tag: item.tag });
      }
      return counting.of([...found.values()]);
    },
  };
};

function totalOf(device: string, values: readonly (number | null)[]): Document {
  const numbers = values.filter((value) => value !== null);
  const some = <T>(value: T): T | null => (numbers.length === 0 ? null : value);
  return {
    device,
    n: values.length,
    total: some(numbers.reduce((sum, value) => sum + value, 0)),
    lo: some(Math.min(...numbers)),
    hi: some(Math.max(...numbers)),
  };
}

/** Between results that change. */
const SPACES = [null, null, 30, 500, 20_000];

const changesOf = (everyMs: number | null): string => (everyMs === null ? "CHANGES" : `EVERY ${everyMs} MILLISECONDS`);

const TOTALS = "COUNT(*) AS n, SUM(v) AS total, MIN(v) AS lo, MAX(v) AS hi";

/** Groups without windows; with HAVING, rows come and go. */
export const totals: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "index", "table", "topic"]);
  const { source, untimed } = randomSource(random);
  const where = random.pick<Where>(["none", "v", "tag"]);
  const below = random.pick([null, 3, 6, 12]);
  const everyMs = random.pick(SPACES);
  return {
    ...named(name),
    target,
    isSpaced: everyMs !== null,
    hasKeyIds: true,
    isStream: false,
    isChained: false,
    sql: `INSERT INTO ${into(target, name)} SELECT device, ${TOTALS} FROM ${untimed} ${WHERE[where]} GROUP BY device
      ${below === null ? "" : `HAVING COUNT(*) < ${below}`} EMIT ${changesOf(everyMs)};`,
    expect: (met) => {
      const counting = new Counting();
      const groups = new Map<string, (number | null)[]>();
      for (const item of met(source).flat()) {
        if (!counting.add(judge(item, where), item)) continue;
        groups.set(item.device, [...(groups.get(item.device) ?? []), item.v as number | null]);
      }
      const wanted = [...groups].filter(([, values]) => below === null || values.length < below);
      return counting.of(wanted.map(([device, values]) => totalOf(device, values)));
    },
  };
};

export const windows: Maker = (random, name) => windowsOver(random, name, randomSource);

/** Over records whose groups lie in several partitions: each partition has partial results of them, which are put together behind. */
export const spreadWindows: Maker = (random, name) => windowsOver(random, name, () => LOOSE);

function windowsOver(random: SeededRandom, name: string, sourceOf: typeof randomSource): Workload {
  const target = random.pick<TargetKind>(["index", "table", "topic"]);
  // The key of a record does not name the window: changes of one would replace those of another.
  const isFinal = target === "topic" || random.chance(0.4);
  const { source, timed, untimed } = sourceOf(random);
  const where = random.pick<Where>(["none", "v", "tag"]);
  const isTimed = random.chance(0.7);
  const sizeMs = random.pick([1000, 2000, 4000]);
  const graceMs = random.pick([0, 500, 2000]);
  const below = random.pick([null, null, 3, 8]);
  const everyMs = isFinal ? null : random.pick(SPACES);
  return {
    ...named(name),
    target,
    isSpaced: everyMs !== null,
    hasKeyIds: true,
    isStream: isFinal,
    isChained: target === "topic",
    sql: `INSERT INTO ${into(target, name)} SELECT device, window_start, ${TOTALS} FROM ${isTimed ? timed : untimed}
      WINDOW TUMBLING (SIZE ${sizeMs} MILLISECONDS, GRACE PERIOD ${graceMs} MILLISECONDS) ${WHERE[where]} GROUP BY device
      ${below === null ? "" : `HAVING COUNT(*) < ${below}`} EMIT ${isFinal ? "FINAL" : changesOf(everyMs)};`,
    expect: (met) => {
      const counting = new Counting();
      const groups = new Map<string, { device: string; start: number; values: (number | null)[] }>();
      for (const items of met(source)) {
        let streamTime = Number.NEGATIVE_INFINITY;
        for (const item of items) {
          const time = isTimed ? item.time : item.timestampMs;
          if (item.isBroken || item.text === null || time === undefined) {
            counting.add("deadLettered", item);
            continue;
          }
          if (!item.isRefused) streamTime = Math.max(streamTime, time);
          const start = Math.floor(time / sizeMs) * sizeMs;
          const verdict = judge(item, where);
          const isLate = verdict === "applied" && streamTime >= start + sizeMs + graceMs;
          if (!counting.add(isLate ? "late" : verdict, item)) continue;
          const name = `${start} ${item.device}`;
          const group = groups.get(name) ?? { device: item.device, start, values: [] };
          groups.set(name, group);
          group.values.push(item.v as number | null);
        }
      }
      const wanted = [...groups.values()].filter(({ values }) => below === null || values.length < below);
      const documents = wanted.map(({ device, start, values }) => ({
        ...totalOf(device, values),
        window_start: new Date(start).toISOString(),
      }));
      return counting.of(documents);
    },
  };
}

interface Session {
  readonly device: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly values: readonly (number | null)[];
}

/** Rows of a device with less than a gap between them; the ids of those that move or merge come and go. */
export const sessions: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "table", "topic"]);
  const isFinal = target === "topic" || random.chance(0.3);
  const where = random.pick<Where>(["none", "v", "tag"]);
  const isTimed = random.chance(0.7);
  const gapMs = random.pick([100, 400, 1000]);
  const graceMs = random.pick([0, 500, 2000]);
  const below = random.pick([null, null, 3, 8]);
  const everyMs = isFinal ? null : random.pick(SPACES);
  return {
    ...named(name),
    target,
    isSpaced: everyMs !== null,
    hasKeyIds: true,
    isStream: isFinal,
    isChained: target === "topic",
    sql: `INSERT INTO ${into(target, name)} SELECT device, window_start, window_end, ${TOTALS} FROM ${isTimed ? "timed" : "untimed"}
      WINDOW SESSION (GAP ${gapMs} MILLISECONDS, GRACE PERIOD ${graceMs} MILLISECONDS) ${WHERE[where]} GROUP BY device
      ${below === null ? "" : `HAVING COUNT(*) < ${below}`} EMIT ${isFinal ? "FINAL" : changesOf(everyMs)};`,
    expect: (met) => {
      const counting = new Counting();
      const written = new Map<string, Document>();
      const write = (session: Session, place: string): void => {
        const isWanted = below === null || session.values.length < below;
        if (isWanted) written.set(place, documentOf(session, gapMs));
        else if (!isFinal) written.delete(place);
      };
      for (const items of met("readings")) {
        let [streamTime, finals] = [Number.NEGATIVE_INFINITY, 0];
        let open: readonly Session[] = [];
        const close = (toMs: number): void => {
          const isOver = ({ lastMs }: Session): boolean => lastMs + gapMs + graceMs <= toMs;
          // Of a topic each result is a record of its own, also where a later session begins at the same time.
          const placeOf = (session: Session): string => (target === "topic" ? `${session.device} final ${finals++}` : idOf(session));
          if (isFinal) for (const session of open.filter(isOver)) write(session, placeOf(session));
          open = open.filter((session) => !isOver(session));
        };
        for (const item of items) {
          const time = isTimed ? item.time : item.timestampMs;
          if (item.isBroken || item.text === null || time === undefined) {
            counting.add("deadLettered", item);
            continue;
          }
          if (!item.isRefused) streamTime = Math.max(streamTime, time);
          close(streamTime);
          const near = open.filter(
            ({ device, firstMs, lastMs }) => device === item.device && time < lastMs + gapMs && time > firstMs - gapMs,
          );
          const verdict = judge(item, where);
          const isLate = verdict === "applied" && near.length === 0 && streamTime >= time + gapMs + graceMs;
          if (!counting.add(isLate ? "late" : verdict, item)) continue;
          const session: Session = {
            device: item.device,
            firstMs: Math.min(time, ...near.map(({ firstMs }) => firstMs)),
            lastMs: Math.max(time, ...near.map(({ lastMs }) => lastMs)),
            values: [...near.flatMap(({ values }) => values), item.v as number | null],
          };
          open = [...open.filter((other) => !near.includes(other)), session];
          if (isFinal) continue;
          for (const gone of near) written.delete(idOf(gone));
          write(session, idOf(session));
        }
        close(Number.POSITIVE_INFINITY);
      }
      return counting.of([...written.values()]);
    },
  };
};

const idOf = ({ device, firstMs }: Session): string => `${device} ${firstMs}`;

function documentOf({ device, firstMs, lastMs, values }: Session, gapMs: number): Document {
  const [window_start, window_end] = [firstMs, lastMs + gapMs].map((ms) => new Date(ms).toISOString());
  return { ...totalOf(device, values), window_start, window_end };
}

const MAKERS: readonly Maker[] = [
  rows,
  latest,
  cells,
  elements,
  pairs,
  totals,
  totals,
  windows,
  windows,
  windows,
  sessions,
  sessions,
  ranking,
  near,
  enriched,
  lookedUp,
];

/** The text of a pipeline of such statements. */
export function pipelineSql(partitions: number, workloads: readonly Workload[]): string {
  const topics = workloads.filter(({ target }) => target === "topic");
  const declared = topics.map(({ name }) => `CREATE STREAM ${name} (device STRING) WITH (topic = '${name}', partitions = 2);`);
  const texts = workloads.map(({ name, sql }) => `-- @name ${name}\n${sql}`);
  return [declarations(partitions), ...declared, ...texts].join("\n");
}

export function randomWorkload(random: SeededRandom, name: string): Workload {
  return random.pick(MAKERS)(random, name);
}
