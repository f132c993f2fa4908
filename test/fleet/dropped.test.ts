import { describe, expect, it } from "vitest";
import { FileCatalogLog } from "../../src/adapters/file/file-catalog-log.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { Deployments } from "../../src/fleet/deployments.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const COUNT = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;";
const COPY = "INSERT INTO topics.copies SELECT id, 1 AS version FROM readings;";
const TAKE = "INSERT INTO elastic.taken SELECT id, version, COUNT(*) AS n FROM topics.copies GROUP BY id, version;";
const CONFIG = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  topics: { kind: embedded, as: kafka }
`;

type Running = Awaited<ReturnType<typeof runningFleet>>;

const drop = ({ deployments }: Running, name: string, keepState = false) =>
  deployments.change([{ kind: "drop", name, keepState }], { by: "test" });
const counted = (running: Running, n: number) =>
  until(
    async () => ((await running.documents("counts"))[0] as { n: number } | undefined)?.n === n,
    `a count of ${n}`,
    20_000,
    () => JSON.stringify(running.fleet.status("p")),
  );
const read = (running: Running, times: number) =>
  running.produce(
    "readings",
    Array.from({ length: times }, () => ({ id: "a" })),
  );
const kept = ({ keptState }: Running, name: string) => keptState.read(name);
const removed = (running: Running) =>
  until(
    () => running.deployments.dropped.get("p")?.state === "gone",
    "the removal",
    20_000,
    () => JSON.stringify([running.deployments.dropped.get("p"), running.fleet.events.after(0).next.slice(-3)]),
  );

/** A pipeline that has counted three, in a catalog and a store of its own. */
async function countedThree(): Promise<Running> {
  const running = await runningFleet();
  await read(running, 3);
  await running.put("p", COUNT);
  await counted(running, 3);
  return running;
}

describe("what a dropped pipeline kept", () => {
  it("goes with it, and another one of its name begins anew", async () => {
    const running = await countedThree();
    expect(await kept(running, "p")).not.toBeNull();
    await drop(running, "p");
    await removed(running);
    expect(await kept(running, "p")).toBeNull();
    await running.put("p", `${COUNT} -- again`);
    await read(running, 1);
    await counted(running, 4);
    await until(() => running.fleet.status("p")?.statements[0]?.counters.in === 4, "all records, taken anew");
  });

  it("is not taken up by one that is made at once, either", async () => {
    const running = await countedThree();
    await Promise.all([drop(running, "p"), running.put("p", COUNT), read(running, 2)]);
    await until(() => running.fleet.status("p")?.statements[0]?.counters.in === 5, "all records, taken anew");
    await counted(running, 5);
  });

  it("stays where that is asked for, and the next one goes on from it", async () => {
    const running = await countedThree();
    await drop(running, "p", true);
    await running.put("p", COUNT.replace("AS n", "AS n, MAX(id) AS last"));
    await until(() => running.fleet.status("p")?.failures[0]?.code === "STATE_MISMATCH", "the mismatch with what is kept");
    await drop(running, "p", true);
    await running.put("p", COUNT);
    await read(running, 1);
    await counted(running, 4);
    expect(running.deployments.get("p")?.epoch).toBe(0);
    await running.deployments.change([{ kind: "put", name: "p", text: COUNT, begin: { "counts#1": "here" } }], { by: "test" });
    await read(running, 1);
    await counted(running, 1);
  });

  it("is removed at the next start where a crash came before that", async () => {
    const running = await countedThree();
    await running.close();
    for (const crash of ["before", "during"] as const) {
      const deployments = await Deployments.open(new FileCatalogLog(`${running.folder}/data`, systemClock), systemClock);
      if (crash === "before") await deployments.change([{ kind: "drop", name: "p" }], { by: "test" });
      else expect(await deployments.beginDeletion("p")).toBe(true);
      await deployments.close();
    }
    const again = await runningFleet(running.folder);
    await removed(again);
    expect(await kept(again, "p")).toBeNull();
    await again.put("p", COUNT);
    await until(() => again.fleet.status("p")?.statements[0]?.counters.in === 3, "all records, taken anew");
    expect(again.deployments.dropped.get("p")).toBeNull();
  });

  it("does not make readers of its topic take the next one's records for repeats", async () => {
    const running = await runningFleet(scratch({ "sluice.yaml": CONFIG }));
    await read(running, 2);
    await running.put("p", COPY);
    await until(() => running.fleet.status("p")?.statements[0]?.counters.written === 2, "the topic");
    await running.put("take", TAKE);
    const taken = async () =>
      (await running.documents("taken")).map((row) => `${(row as { version: number }).version}: ${(row as { n: number }).n}`).sort();
    const told = () => JSON.stringify(["p", "take"].map((name) => running.fleet.status(name)));
    await until(async () => (await taken()).join() === "1: 2", "the first one's records", 15_000, told);
    await drop(running, "p");
    await running.put("p", COPY.replace("1 AS", "2 AS"));
    await until(async () => (await taken()).join() === "1: 2,2: 2", "the second one's records", 15_000, told);
  });
});
