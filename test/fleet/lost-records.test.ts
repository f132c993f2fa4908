import { afterEach, describe, expect, it } from "vitest";
import type { PipelineFailure } from "../../src/fleet/pipeline-status.ts";
import { setUserFunctions } from "../../src/functions/user-functions.ts";
import { inWorkers } from "../../src/project/worker-threads.ts";
import { badFunctions } from "../support/bad-functions.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { runningFleet } from "./running-fleet.ts";

const RECORDS = 60;
const BAD = 41;
const FILES = {
  "sluice.yaml": "connections:\n  elastic: { kind: embedded, as: elasticsearch }\n",
  "functions/bad.ts": badFunctions(1 << 20),
};

type Running = Awaited<ReturnType<typeof runningFleet>>;

/** `silentMsMax`: what fills its heap tells nothing either, for longer than that. */
const newFleet = (silentMsMax = 60_000): Promise<Running> => runningFleet(scratch(FILES), inWorkers({ silentMsMax, heapMbMax: 64 }));

const feed = ({ produce }: Running, topic: string): Promise<unknown> =>
  produce(
    topic,
    Array.from({ length: RECORDS }, (_, id) => ({ id, trigger: id === BAD ? 1 : 0 })),
  );

/** The first failure, and the one that names the record. */
async function failuresOf({ fleet }: Running): Promise<readonly [PipelineFailure, PipelineFailure]> {
  const failures = (): readonly PipelineFailure[] => fleet.status("p")?.failures ?? [];
  const found = (): PipelineFailure | undefined => failures().find(({ offset }) => offset !== null);
  await until(
    () => found() !== undefined,
    "the record",
    60_000,
    () => JSON.stringify(failures()),
  );
  return [failures()[0] as PipelineFailure, found() as PipelineFailure];
}

describe("a thread that is lost at a record", () => {
  afterEach(() => setUserFunctions({ scalars: [], aggregates: [] }));

  const ends = {
    spin: { code: "INTERNAL", message: expect.stringContaining("has told nothing for 1 s") },
    fill: { code: "LIMIT_EXCEEDED", message: "p needs more heap than 64 MB (threadHeapMbMax)" },
    leave: { code: "INTERNAL", message: "the thread of p ended with code 7" },
    crash: { code: "INTERNAL", message: "a pipeline of harm" },
  };

  for (const [harm, error] of Object.entries(ends)) {
    // What comes to harm in a later turn has no record of its own at first.
    const when = harm === "crash" ? "after the next start" : "at once";
    it(`names it ${when}, where it does ${harm}, and completes once it is mended`, async () => {
      const running = await newFleet(harm === "spin" ? 1_000 : undefined);
      await feed(running, "readings");
      await running.put("p", `INSERT INTO elastic.seen SELECT id, ${harm}(trigger) AS trigger FROM readings PK id;`);
      const [first, found] = await failuresOf(running);
      const hint = `it had last been at readings-0, one of offsets 0 to ${RECORDS - 1}, for seen#1`;
      if (harm === "crash") expect(first).toMatchObject({ ...error, offset: null, hint });
      else expect(first).toBe(found);
      expect(found).toMatchObject({ ...error, statement: "seen#1", topic: "readings", partition: 0, offset: BAD });
      expect(found.hint).toContain(`it was at readings-0, offset ${BAD}, for seen#1`);
      await running.put("p", "INSERT INTO elastic.seen SELECT id, trigger FROM readings PK id;");
      await until(async () => (await running.documents("seen")).length === RECORDS, "all of them");
    });
  }

  it("names it among records that are joined, as a record of its topic", async () => {
    const running = await newFleet(1_000);
    await running.produce("rooms", [{ id: BAD, room: "hall" }]);
    await feed(running, "readings");
    await running.put(
      "p",
      "INSERT INTO elastic.seen SELECT a.id AS id, spin(a.trigger) AS trigger FROM readings a JOIN rooms b WITHIN 1 HOUR ON a.id = b.id PK id;",
    );
    const [first, found] = await failuresOf(running);
    expect(first.hint).toMatch(/^it was at readings-0, one of offsets \d+ to \d+, for seen#1/);
    expect(found).toMatchObject({ statement: "seen#1", topic: "readings", partition: 0, offset: BAD });
  });

  const results = {
    "of groups": "INSERT INTO elastic.seen SELECT trigger, spin(MAX(trigger)) AS worst FROM readings GROUP BY trigger PK trigger;",
    "of groups of groups":
      "INSERT INTO elastic.seen SELECT n, spin(MAX(trigger)) AS worst FROM (SELECT id, COUNT(*) AS n, MAX(trigger) AS trigger FROM readings GROUP BY id) GROUP BY n PK n;",
  };

  for (const [kind, sql] of Object.entries(results)) {
    it(`names it where results ${kind} do harm`, async () => {
      const running = await newFleet(1_000);
      await feed(running, "readings");
      await running.put("p", sql);
      const [, found] = await failuresOf(running);
      expect(found).toMatchObject({ statement: "seen#1", topic: "readings", partition: 0, offset: BAD });
    });
  }

  it("names it where several threads share the partitions", async () => {
    const running = await newFleet();
    await running.source.createTopic("readings", { partitions: 4 });
    await running.source.append(
      "readings",
      Array.from({ length: RECORDS * 4 }, (_, id) => ({
        key: null,
        value: Buffer.from(JSON.stringify({ id, trigger: id === BAD * 4 + 2 ? 1 : 0 })),
        timestampMs: 1_700_000_000_000,
        partition: id % 4,
      })),
    );
    await running.put("p", "SET 'parallelism' = 2; INSERT INTO elastic.seen SELECT id, leave(trigger) AS trigger FROM readings PK id;");
    const [, found] = await failuresOf(running);
    expect(found).toMatchObject({ topic: "readings", partition: 2, offset: BAD });
  });
});
