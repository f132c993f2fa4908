import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const COUNT = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n, MAX(t) AS t FROM readings GROUP BY id;";
const OTHER = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n, MIN(t) AS t FROM readings GROUP BY id;";

type Running = Awaited<ReturnType<typeof runningFleet>>;

const counts = async (running: Running) => (await running.documents("counts")) as readonly { id: string; n: number; t: number }[];
const counted = (running: Running, n: number) =>
  until(
    async () => (await counts(running))[0]?.n === n,
    `a count of ${n}`,
    20_000,
    () => JSON.stringify(running.fleet.status("p")),
  );

async function countedTo(n: number) {
  const running = await runningFleet();
  await running.produce(
    "readings",
    Array.from({ length: n }, (_, t) => ({ id: "a", t: t + 1 })),
  );
  await running.put("p", COUNT);
  await counted(running, n);
  return running;
}

const put = (running: Running, text: string, begin: Record<string, "here" | "earliest">) =>
  running.deployments.change([{ kind: "put", name: "p", text, begin }], { by: "test" });

describe("beginning anew", () => {
  it("is needed where the state does not fit, and said so", async () => {
    const running = await countedTo(3);
    await running.put("p", OTHER);
    await until(() => running.fleet.status("p")?.failures[0]?.code === "STATE_MISMATCH", "the mismatch");
    expect(await counts(running)).toMatchObject([{ n: 3 }]);
  });

  it("here: counts on from nothing, at the position that it has", async () => {
    const running = await countedTo(3);
    await put(running, OTHER, { "counts#1": "here" });
    await running.produce("readings", [{ id: "a", t: 9 }]);
    await counted(running, 1);
    expect(await counts(running)).toMatchObject([{ n: 1, t: 9 }]);
  });

  it("earliest: counts everything again", async () => {
    const running = await countedTo(3);
    await put(running, OTHER, { "counts#1": "earliest" });
    await until(async () => (await counts(running))[0]?.t === 1, "the minimum");
    expect(await counts(running)).toMatchObject([{ n: 3, t: 1 }]);
  });

  it("happens once, and again only when it is asked for again", async () => {
    const running = await countedTo(3);
    await put(running, COUNT, { "counts#1": "here" });
    await running.produce("readings", [{ id: "a", t: 9 }]);
    await counted(running, 1);
    await running.deployments.change([{ kind: "restart", name: "p" }], { by: "test" });
    await running.produce("readings", [{ id: "a", t: 9 }]);
    await counted(running, 2);
    await put(running, COUNT, { "counts#1": "earliest" });
    await counted(running, 5);
  });
});
