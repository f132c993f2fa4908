import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "../runtime/harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Gates, ReaderCount } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 40, barriersUnackedMax: 2, fetchBytesMax: 4096, fetchWaitMs: 30, batchRowsMax: 64 });

const ROUNDS = 25;
const TARGETS = ["a", "b", "c"];

describe("statements whose targets come and go", () => {
  let gates: Gates;
  let readers: ReaderCount;
  let harness: Harness;
  beforeEach(() => {
    gates = new Gates();
    readers = new ReaderCount("t");
    harness = new Harness((connection) => readers.wrap(gates.wrap(connection)));
  });
  afterEach(() => harness.dispose());

  it.each(seeds([1656977009, 1295343988], 2).map((seed, index) => [seed, index % 2 === 0 ? "free" : "together"] as const))(
    "get every record once, and meet again: seed %i, %s",
    async (seed, pace) => {
      const random = new SeededRandom(seed);
      const sql = `SET 'max.retries' = 100000; SET 'retry.interval' = 1; SET 'commit.interval' = 1;
      INSERT INTO a SELECT n FROM t PK n; SET 'pace' = '${pace}';
      INSERT INTO b SELECT n FROM t PK n; INSERT INTO c SELECT n FROM t PK n;
      INSERT INTO counted SELECT g, COUNT(*) AS count, SUM(n) AS sum FROM t GROUP BY g;`;
      await harness.append("t", []);
      const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
      const written = (): number => {
        const last = messages.findLast((message) => message.kind === "progress");
        return last?.kind === "progress" ? last.statements.reduce((sum, { counters }) => sum + counters.in, 0) : 0;
      };
      let count = 0;
      for (let round = 0; round < ROUNDS; round++) {
        for (const target of [...TARGETS, "counted"]) {
          if (random.chance(0.3)) gates.shut.add(target);
          else if (random.chance(0.4)) gates.shut.delete(target);
        }
        const records = Array.from({ length: random.below(120) }, () => record({ n: count++, g: random.below(60) }));
        await harness.append("t", records);
        const before = written();
        if (random.chance(0.5)) await until(() => written() !== before || gates.shut.size > 3, "something to move", 300).catch(() => {});
      }
      gates.shut.clear();
      const allRead = (): Promise<void> => {
        const total = count * (TARGETS.length + 1);
        return until(
          () => written() >= total,
          "everything to be read",
          15_000,
          () => `${written()} of ${total}`,
        );
      };
      await allRead();
      // Those that are coupled travel by themselves.
      const together = pace === "together" ? 2 : 1;
      expect(readers.most, "most that were apart").toBeGreaterThan(together);
      // Some may wait still for what they wrote: all have met when the next records come to all by these readers alone.
      const haveMet = async (): Promise<boolean> => {
        readers.most = readers.open;
        await harness.append("t", [record({ n: count++, g: 0 })]);
        await allRead();
        return readers.most === together;
      };
      await until(haveMet, "them to meet", 15_000, () => `${readers.most} readers`);
      handle.stop(10_000);
      const { statements, fetched } = await ended;
      // Each record once, however many cohorts read it.
      expect(fetched).toBe(count);
      for (const target of TARGETS) {
        const rows = (await harness.table(target)) as { n: number }[];
        expect(rows.map(({ n }) => n).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n));
      }
      const groups = (await harness.table("counted")) as { count: number; sum: number }[];
      expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(count);
      expect(groups.reduce((sum, group) => sum + group.sum, 0)).toBe((count * (count - 1)) / 2);
      for (const { counters, lag } of statements) {
        expect(counters).toMatchObject({ in: count, applied: count });
        expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
        expect(lag).toBe(0);
      }
      expect(must(statements[0]).counters.written).toBe(count);
    },
  );
});
