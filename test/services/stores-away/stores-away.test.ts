import { afterAll, expect, it } from "vitest";
import { ensure, wipe } from "../launcher/launcher.ts";
import { describeWithAll } from "../needs.ts";
import { runStoresAway } from "./away-run.ts";

/** A server of this test's own, so that it may be stopped. */
const INSTANCE = "elasticsearch-away";
const AWAY_MS = 12_000;

describeWithAll(["kafka", "elasticsearch", "cassandra"], "a store that is away", ({ kafka, cassandra }) => {
  afterAll(() => wipe("elasticsearch", INSTANCE));

  it("stalls only its own statements, which come to the same when it is back", { timeout: 480_000 }, async () => {
    const { address } = await ensure("elasticsearch", { instance: INSTANCE });
    const report = await runStoresAway({
      brokers: kafka.brokers,
      stores: {
        elasticsearch: { address: `http://${address}`, instance: INSTANCE },
        cassandra: { address: cassandra.contactPoints[0] ?? "", instance: null },
      },
      localDataCenter: cassandra.localDataCenter,
      rate: 200,
      calmMs: 2_000,
      awayMs: AWAY_MS,
      outages: [{ store: "elasticsearch", how: "stopped" }],
      tell: () => {},
    });
    expect(report.wrong).toEqual([]);
    expect(report.readings).toBeGreaterThan(3_000);
    expect(report.status).toMatchObject({ state: "running", failures: [], restarts: 0, skipped: [], late: [] });
    for (const { counters } of report.status.statements) {
      expect(counters).toMatchObject({ in: report.readings, applied: report.readings, rejected: 0, deadLettered: 0 });
      expect(counters.written + counters.superseded).toBe(counters.sent);
    }
    const [outage] = report.outages;
    // On a machine that does other things: well below the time that it would have stood still. `npm run soak:stores` holds it to 2 s.
    expect(outage?.lag.away.samples).toBeGreaterThan(10);
    expect(outage?.lag.away.max, JSON.stringify(outage)).toBeLessThan(AWAY_MS / 2000);
  });
});
