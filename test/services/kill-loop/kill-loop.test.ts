import { expect, it } from "vitest";
import { describeWithAll } from "../needs.ts";
import { runKillLoop } from "./kill-loop-run.ts";

const SEED = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

describeWithAll(["kafka", "elasticsearch", "cassandra"], "the main job while its processes and its stores are killed", ({ cassandra }) => {
  it(`comes to what an undisturbed run comes to (seed ${SEED})`, { timeout: 600_000 }, async () => {
    const { localDataCenter } = cassandra;
    const kills = { "worker 1": 1, "worker 2": 1, kafka: 1, elasticsearch: 1, cassandra: 1 };
    const report = await runKillLoop({ readings: 100_000, kills, devices: 2_000, seed: SEED, localDataCenter, tell: () => {} });
    expect(report.wrong, JSON.stringify(report)).toEqual([]);
    expect(report.readings).toBeGreaterThanOrEqual(100_000);
    expect(report.kills).toEqual(kills);
  });
});
