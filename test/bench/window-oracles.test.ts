import { describe, expect, it } from "vitest";
import { Digest } from "../../bench/data/digest.ts";
import { enrichOracle, pairsOracle, plainOracle } from "../../bench/data/join-oracles.ts";
import { deviceAt, visits, visitText } from "../../bench/data/joined.ts";
import { consult, type Oracle, resultRow, rowTexts } from "../../bench/data/oracle.ts";
import { readings, readingText } from "../../bench/data/readings.ts";
import { distinctOracle, everyMinuteOracle, MINUTE_MS, sessionOracle, topOracle } from "../../bench/data/window-oracles.ts";

/** Few devices over two hours, so that there are pauses, and hours that begin and end. */
const OPTIONS = { messages: 3_000, devices: 20, perSecond: 0.4 };
const END_MARKERS = 4;

interface Document {
  readonly deviceId: string;
  readonly ts: number;
  readonly temperature: number;
  readonly humidity: number;
  readonly battery: number;
}
const documents: Document[] = [];
for (const reading of readings(OPTIONS)) documents.push(JSON.parse(readingText(reading)) as Document);
const devices = [...new Set(documents.map(({ deviceId }) => deviceId))];
const endMs = Math.max(...documents.map(({ ts }) => ts)) + 600_000;

const fingerprint = (rows: readonly string[]) => {
  const digest = new Digest();
  for (const row of rows) digest.add(row);
  return digest.fingerprint();
};
const found = (oracle: Oracle) => consult(OPTIONS, [oracle])[0];

/** The slow way: each window that there can be looks at all readings. */
function windows(sizeMs: number, advanceMs: number, row: (id: string, startMs: number, own: readonly Document[]) => string): string[] {
  const first = Math.floor((documents[0] as Document).ts / advanceMs) * advanceMs - sizeMs - 60_000;
  const rows: string[] = [];
  for (let startMs = first; startMs + sizeMs + 5_000 <= endMs; startMs += advanceMs) {
    const inside = documents.filter(({ ts }) => ts >= startMs && ts < startMs + sizeMs);
    for (const id of devices) {
      const own = inside.filter(({ deviceId }) => deviceId === id);
      if (own.length > 0) rows.push(row(id, startMs, own));
    }
  }
  return rows;
}

const statistics = (id: string, startMs: number, windowEndMs: number, own: readonly Document[]): string => {
  const humidity = own.reduce((sum, document) => sum + document.humidity, 0);
  return resultRow(id, startMs, windowEndMs, own.length, humidity / own.length, Math.max(...own.map(({ temperature }) => temperature)));
};

describe("oracles of W6", () => {
  it("find the hours of every minute", () => {
    const rows = windows(3_600_000, 60_000, (id, startMs, own) => statistics(id, startMs, startMs + 3_600_000, own));
    expect(found(everyMinuteOracle(60 * MINUTE_MS, { closesAll: false }))).toEqual(fingerprint(rows));
    expect(found(everyMinuteOracle(60 * MINUTE_MS, { closesAll: true }))?.rows).toBeGreaterThan(rows.length + 60 * END_MARKERS);
  });

  it("find minutes", () => {
    const rows = windows(60_000, 60_000, (id, startMs, own) => statistics(id, startMs, startMs + 60_000, own));
    expect(found(everyMinuteOracle(MINUTE_MS, { closesAll: false }))).toEqual(fingerprint(rows));
  });

  it("find sessions", () => {
    const rows = devices.flatMap((id) => {
      const own = documents.filter(({ deviceId }) => deviceId === id).toSorted((a, b) => a.ts - b.ts);
      const starts = own.flatMap(({ ts }, index) => (index === 0 || ts - (own[index - 1] as Document).ts >= 30_000 ? [index] : []));
      return starts.map((start, place) => {
        const session = own.slice(start, starts[place + 1]);
        return statistics(id, (session[0] as Document).ts, (session.at(-1) as Document).ts + 30_000, session);
      });
    });
    expect(found(sessionOracle({ closesAll: false }))).toEqual(fingerprint(rows));
    expect(found(sessionOracle({ closesAll: true }))?.rows).toBe(rows.length + END_MARKERS);
  });

  it("count different values", () => {
    const values = (own: readonly Document[]): number => new Set(own.map(({ humidity }) => humidity)).size;
    const rows = windows(60_000, 60_000, (id, startMs, own) => resultRow(id, startMs, startMs + 60_000, own.length, values(own)));
    expect(found(distinctOracle({ closesAll: false }))).toEqual(fingerprint(rows));
    expect(found(distinctOracle({ closesAll: true }))?.rows).toBe(rows.length + END_MARKERS);
  });

  it("find the ten highest, also where they come as a list", () => {
    const top = devices.map((deviceId) => {
      const own = documents.filter((document) => document.deviceId === deviceId);
      const best = own.toSorted((a, b) => b.temperature - a.temperature || a.ts - b.ts).slice(0, 10);
      return { deviceId, top: best.map(({ ts, temperature }) => ({ ts, temperature })) };
    });
    const markers = [0, 1, 2, 3].map((partition) => resultRow(`end-${partition}`, 1, endMs, 0));
    expect(found(topOracle())).toEqual(fingerprint([...top.flatMap(rowTexts), ...markers]));
  });
});

describe("oracles of W7", () => {
  it("find what is high, without a join", () => {
    const high = documents.filter(({ temperature }) => temperature > 26.8);
    const rows = high.map(({ deviceId, ts, temperature, humidity, battery }) => resultRow(deviceId, ts, temperature, humidity, battery));
    expect(rows.length).toBeGreaterThan(100);
    expect(found(plainOracle())).toEqual(fingerprint(rows));
  });

  it("find what is too high for its device", () => {
    const known = new Map(Array.from({ length: OPTIONS.devices }, (_, device) => [deviceAt(device).deviceId, deviceAt(device)]));
    const rows = documents.flatMap(({ deviceId, ts, temperature }) => {
      const { owner = "", ceiling = 0 } = known.get(deviceId) ?? {};
      return temperature > ceiling ? [resultRow(deviceId, ts, temperature, owner, ceiling)] : [];
    });
    expect(rows.length).toBeGreaterThan(100);
    expect(found(enrichOracle())).toEqual(fingerprint(rows));
  });

  it("find the readings around visits", () => {
    const visited = [...visits(OPTIONS)].map(
      (visit) => JSON.parse(visitText(visit)) as { deviceId: string; ts: number; technician: string },
    );
    const rows = documents.flatMap(({ deviceId, ts, temperature }) =>
      visited
        .filter((visit) => visit.deviceId === deviceId && Math.abs(visit.ts - ts) <= 60_000 && temperature > 28)
        .map((visit) => resultRow(deviceId, ts, temperature, visit.ts, visit.technician)),
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(found(pairsOracle(OPTIONS))).toEqual(fingerprint(rows));
  });
});
