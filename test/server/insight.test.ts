import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const SUMS = "CREATE STREAM readings WITH (key = 'id'); INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;";
const WARM = "INSERT INTO elastic.warm SELECT id, temperature + 0 AS t FROM readings PK id;";

type Running = Awaited<ReturnType<typeof runningServer>>;

const TASKS = "/v1/pipelines/p/tasks";
const REPLAY = "/v1/pipelines/p/replay";

/** Three partitions with `count` records each, a second apart. */
async function counting(count: number): Promise<Running> {
  const running = await runningServer();
  await running.source.createTopic("readings", { partitions: 3 });
  await running.source.append(
    "readings",
    Array.from({ length: 3 * count }, (_, n) => {
      const id = `p${n % 3}`;
      const timestampMs = Date.UTC(2026, 0, 1, 0, 0, Math.floor(n / 3));
      return {
        key: Buffer.from(id),
        value: Buffer.from(JSON.stringify({ id, temperature: n === 4 ? "hot" : n })),
        timestampMs,
        partition: n % 3,
      };
    }),
  );
  return running;
}

const counts = async ({ documents }: Running): Promise<readonly number[]> =>
  ((await documents("counts")) as { id: string; n: number }[]).sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ n }) => n);

const counted = (running: Running, expected: readonly number[]) =>
  until(
    async () => JSON.stringify(await counts(running)) === JSON.stringify(expected),
    `the counts ${expected}`,
    20_000,
    () => JSON.stringify(running.fleet.status("p")),
  );

describe("the tasks of a pipeline", () => {
  it("say for each partition where it is, and what stopped it at which record", async () => {
    const { request } = await counting(4);
    await request("PUT", "/v1/pipelines/p", WARM);
    const tasks = async () => (await request("GET", TASKS)).body.items as { state: string; lag: number; durable: number }[];
    const isThere = async () => (await tasks()).filter(({ state, durable }) => state === "failed" || durable === 4).length === 3;
    await until(isThere, "all partitions", 20_000, () => "");
    const at = { statement: "warm#1", topic: "readings" };
    expect(await tasks()).toMatchObject([
      { ...at, partition: 0, state: "running", position: 4, durable: 4, lag: 0, lastError: null },
      {
        ...at,
        partition: 1,
        state: "failed",
        position: 1,
        lag: 3,
        lastError: { code: "RECORD_TYPE", topic: "readings", partition: 1, offset: 1, stack: expect.stringContaining("at ") },
      },
      { ...at, partition: 2, state: "running", position: 4 },
    ]);
    expect(await request("GET", "/v1/pipelines/other/tasks")).toMatchObject({ status: 404 });
  });

  it("of a UNION ALL are those of its members, each failure once", async () => {
    const { request, source } = await counting(4);
    await source.append("others", [{ key: Buffer.from("a"), value: Buffer.from('{"id":"a","temperature":1}'), timestampMs: 0 }]);
    await request("PUT", "/v1/pipelines/p", WARM.replace(" PK id", " UNION ALL SELECT id, temperature + 0 AS t FROM others PK id"));
    const tasks = async () =>
      (await request("GET", TASKS)).body.items as { topic: string; partition: number; state: string; position: number }[];
    await until(async () => (await tasks()).length === 4 && (await tasks()).some(({ state }) => state === "failed"), "all of them");
    expect((await tasks()).map(({ topic, partition }) => `${topic} ${partition}`)).toEqual([
      "others 0",
      "readings 0",
      "readings 1",
      "readings 2",
    ]);
  });

  it("are there too where a statement could not begin", async () => {
    const running = await counting(2);
    const { request } = running;
    await request("PUT", "/v1/pipelines/p", SUMS);
    await counted(running, [2, 2, 2]);
    await request("PUT", "/v1/pipelines/p", SUMS.replace("COUNT(*)", "MAX(temperature)"));
    const isFailed = async () =>
      (await request("GET", TASKS)).body.items.map(({ state }: { state: string }) => state).join() === "failed,failed,failed";
    await until(isFailed, "the failures");
    expect((await request("GET", TASKS)).body.items[0]).toMatchObject({
      state: "failed",
      position: null,
      lastError: { code: "STATE_MISMATCH" },
    });
  });
});

describe("the plan of a pipeline", () => {
  it("is a tree for each statement, down to the poll", async () => {
    const { request } = await counting(1);
    await request("PUT", "/v1/pipelines/p", SUMS);
    const { body } = await request("GET", "/v1/pipelines/p/plan");
    const steps = (node: { step: string; inputs: never[] }): string[] => [node.step, ...node.inputs.flatMap(steps)];
    expect(steps(body[0])).toEqual(["route", "project", "aggregate", "scan"]);
  });
});

describe("a replay by REST", () => {
  it("begins at the earliest record, at a time, or at offsets, and the results take the place of the old ones", async () => {
    const running = await counting(10);
    const { request } = running;
    await request("PUT", "/v1/pipelines/p", SUMS);
    await counted(running, [10, 10, 10]);
    expect(await request("POST", REPLAY, { from: "2026-01-01T00:00:07Z" })).toMatchObject({ status: 202, body: { name: "p" } });
    await counted(running, [3, 3, 3]);
    expect(await request("POST", REPLAY, { from: { offsets: { 1: 5 } }, statements: ["counts#1"] })).toMatchObject({ status: 202 });
    await counted(running, [3, 5, 3]);
    expect(await request("POST", REPLAY, { from: "earliest" })).toMatchObject({ status: 202 });
    await counted(running, [10, 10, 10]);
  });

  it("of a paused pipeline is what it begins with when it is resumed", async () => {
    const running = await counting(4);
    const { request } = running;
    await request("PUT", "/v1/pipelines/p", SUMS);
    await counted(running, [4, 4, 4]);
    await request("POST", "/v1/pipelines/p/pause");
    await request("POST", REPLAY, { from: "2026-01-01T00:00:02Z" });
    expect(await counts(running)).toEqual([4, 4, 4]);
    await request("POST", "/v1/pipelines/p/resume");
    await counted(running, [2, 2, 2]);
  });

  it("is refused where it would not do what was meant", async () => {
    const { request, deployments } = await counting(4);
    const etag = (await request("PUT", "/v1/pipelines/p", SUMS)).headers.get("etag") as string;
    const refused = async (body: unknown, headers = {}) => {
      const { status, body: problem } = await request("POST", REPLAY, body, headers);
      return [status, problem.detail, problem.hint];
    };
    expect(await refused({ from: "soon" })).toEqual([422, "'soon' is no place to begin at", expect.stringContaining("earliest")]);
    expect(await refused({ from: { offsets: { 3: 0 } } })).toEqual([422, "readings has no partition 3", null]);
    expect(await refused({ from: { offsets: { 1: 5 } } })).toEqual([
      422,
      "offset 5 is not in partition 1 of readings",
      "it has the offsets 0 to 4",
    ]);
    expect(await refused({ from: "earliest", statements: ["sums#1"] })).toEqual([
      422,
      "the pipeline has no statement 'sums#1'",
      "its statements are counts#1",
    ]);
    expect((await refused({}))[0]).toBe(400);
    expect((await refused({ from: { offsets: {} } }))[0]).toBe(400);
    expect((await refused({ from: "earliest" }, { "if-match": '"99"' }))[0]).toBe(412);
    expect(deployments.get("p")?.beginnings).toEqual({});
    expect((await refused({ from: "earliest" }, { "if-match": etag }))[0]).toBe(202);
  });
});
