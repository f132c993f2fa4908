import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lowerLimits } from "../property/lower-limits.ts";
import { Harness, record } from "./harness.ts";

const BARRIER_CHANGES = 20;
lowerLimits({ barrierChangesMax: BARRIER_CHANGES });

const START = 1_700_000_000_000;
const GROUPS = BARRIER_CHANGES * 3;

describe("a query that ends with its topics, whose results barriers do not send", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  it.each(["TUMBLING (SIZE 10 SECONDS)", "HOPPING (SIZE 10 SECONDS, ADVANCE BY 10 SECONDS)", "SESSION (GAP 10 SECONDS)"])(
    "writes every group of windows that close before: %s",
    async (window) => {
      const groups = Array.from({ length: GROUPS }, (_, index) =>
        record({ device: `d${index}` }, { key: `d${index}`, timestampMs: START + index }),
      );
      await harness.append("t", [...groups, record({ device: "last" }, { key: "last", timestampMs: START + 60_000 })]);
      const sql = `INSERT INTO rows SELECT device, window_start, COUNT(*) AS n FROM t WINDOW ${window} GROUP BY device
      HAVING COUNT(*) > 0 EMIT CHANGES;`;
      const plan = { ...harness.plan("p", sql), stateConnection: null };
      const { messages, statements } = await harness.run("p", sql, { plan });
      expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
      expect(await harness.table("rows")).toHaveLength(GROUPS + 1);
      expect(statements[0]?.counters).toMatchObject({ in: GROUPS + 1, sent: GROUPS + 1 });
    },
  );
});
