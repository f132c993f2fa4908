import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Claim, KeptState, StateEntry, StateLog } from "../../src/ports/state-log.ts";
import { eventually } from "./eventually.ts";
import { freshName } from "./names.ts";

export interface StateLogDriver {
  /** The state log of a pipeline, as a process of its own would open it. Closing the driver closes them all. */
  open(pipeline: string, partitions: number): Promise<StateLog>;
  /** What the connection tells of its state logs. */
  keptState(): KeptState;
  close(): Promise<void>;
}

export interface StateLogSuiteOptions {
  /**
   * When `append` refuses an owner that was followed by another: at once (`checked`), after a while (`eventually`), or
   * never (`by readers`: they ignore what it writes, by the generation in the keys).
   */
  readonly fencing: "checked" | "eventually" | "by readers";
}

const entry = (key: string, value: string | null): StateEntry => ({ key, value: value === null ? null : Buffer.from(value) });

/** The records that are left when a later one of the same key replaces the earlier one, without claims. */
function contentOf(claim: Claim): Record<string, string> {
  const content = new Map<string, string>();
  for (const { key, value } of claim.records) {
    if (key.startsWith("claim|")) continue;
    if (value === null) content.delete(key);
    else content.set(key, value.toString());
  }
  return Object.fromEntries(content);
}

/** The contract of `src/ports/state-log.ts`. Call it at the top level of a test file. */
export function stateLogSuite(name: string, makeDriver: () => Promise<StateLogDriver>, options: StateLogSuiteOptions): void {
  describe(`${name} as a state log`, () => {
    let driver: StateLogDriver;

    beforeAll(async () => {
      driver = await makeDriver();
    });
    afterAll(async () => {
      await driver.close();
    });

    const open = (pipeline: string, partitions = 1): Promise<StateLog> => driver.open(pipeline, partitions);

    claimTests(open);
    contentTests(open);
    fencingTests(open, options);
    keptTests(open, () => driver.keptState());
  });
}

type Open = (pipeline: string, partitions?: number) => Promise<StateLog>;

function claimTests(open: Open): void {
  it("begins empty", async () => {
    const log = await open(freshName("state"));
    const claim = await log.claim(0, "owner");
    expect(claim.records).toEqual([]);
  });

  it("gives each claim everything before it, in order", async () => {
    const pipeline = freshName("state");
    const first = await open(pipeline);
    const one = await first.claim(0, "one");
    await first.append(0, one.generation, [entry("a", "1"), entry("b", "2")]);
    await first.append(0, one.generation, [entry("c", "3")]);
    const second = await open(pipeline);
    const two = await second.claim(0, "two");
    expect(two.generation).toBeGreaterThan(one.generation);
    expect(two.records.filter((record) => !record.key.startsWith("claim|")).map(({ key, value }) => [key, value?.toString()])).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["c", "3"],
    ]);
    expect(two.records[0]).toMatchObject({ position: one.generation, key: expect.stringMatching(/^claim\|/) });
    const positions = two.records.map((record) => record.position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(new Set(positions).size).toBe(positions.length);
    expect(positions.at(-1)).toBeLessThan(two.generation);
  });

  it("lets the same owner claim again", async () => {
    const log = await open(freshName("state"));
    const one = await log.claim(0, "same");
    await log.append(0, one.generation, [entry("a", "1")]);
    const two = await log.claim(0, "same");
    expect(two.generation).toBeGreaterThan(one.generation);
    expect(contentOf(two)).toEqual({ a: "1" });
    await log.append(0, two.generation, [entry("b", "2")]);
    expect(contentOf(await log.claim(0, "other"))).toEqual({ a: "1", b: "2" });
  });

  it("keeps partitions and pipelines apart", async () => {
    const pipelines = [freshName("state"), freshName("state")];
    const logs = await Promise.all(pipelines.map((pipeline) => open(pipeline, 2)));
    for (const [i, log] of logs.entries()) {
      for (const partition of [0, 1]) {
        const { generation } = await log.claim(partition, "owner");
        await log.append(partition, generation, [entry("where", `${i}/${partition}`)]);
      }
    }
    for (const [i, log] of logs.entries()) {
      for (const partition of [0, 1]) expect(contentOf(await log.claim(partition, "next"))).toEqual({ where: `${i}/${partition}` });
    }
  });
}

function contentTests(open: Open): void {
  it("may drop what a later record of the same key replaces, nothing else", async () => {
    const log = await open(freshName("state"));
    let { generation } = await log.claim(0, "owner");
    const expected: Record<string, string> = {};
    for (let round = 0; round < 20; round++) {
      await log.append(0, generation, [entry("changing", `${round}`), entry(`own ${round}`, "x"), entry("temporary", `${round}`)]);
      expected[`own ${round}`] = "x";
      if (round % 5 === 4) generation = (await log.claim(0, `owner ${round}`)).generation;
    }
    await log.append(0, generation, [entry("temporary", null), entry("own 3", null), entry("never there", null)]);
    delete expected["own 3"];
    expect(contentOf(await log.claim(0, "last"))).toEqual({ ...expected, changing: "19" });
  });

  it("tells an empty value from a tombstone, and keeps any bytes", async () => {
    const log = await open(freshName("state"));
    const { generation } = await log.claim(0, "owner");
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    await log.append(0, generation, [
      { key: "empty", value: Buffer.alloc(0) },
      { key: "ключ|1", value: bytes },
    ]);
    const records = (await log.claim(0, "next")).records.filter((record) => !record.key.startsWith("claim|"));
    expect(records.map((record) => record.key)).toEqual(["empty", "ключ|1"]);
    expect(records[0]?.value?.length).toBe(0);
    expect(records[1]?.value?.equals(bytes)).toBe(true);
  });

  it("takes several entries of the largest size at once", async () => {
    const pipeline = freshName("state");
    const log = await open(pipeline);
    const { generation } = await log.claim(0, "owner");
    const chunks = [1, 2, 3].map((fill) => ({ key: `chunk ${fill}`, value: Buffer.alloc(LIMITS.stateChunkBytesMax, fill) }));
    await log.append(0, generation, chunks);
    const { records } = await (await open(pipeline)).claim(0, "next");
    for (const chunk of chunks) {
      const value = must(records.find((record) => record.key === chunk.key)?.value, chunk.key);
      expect(value.equals(chunk.value)).toBe(true);
    }
  });

  it("appends nothing when there is nothing", async () => {
    const log = await open(freshName("state"));
    const { generation } = await log.claim(0, "owner");
    await log.append(0, generation, []);
    expect(contentOf(await log.claim(0, "next"))).toEqual({});
  });
}

function fencingTests(open: Open, { fencing }: StateLogSuiteOptions): void {
  if (fencing === "by readers") {
    it("shows by its position what an owner wrote after it was followed by another", async () => {
      const pipeline = freshName("state");
      const [zombie, owner] = [await open(pipeline), await open(pipeline)];
      const old = await zombie.claim(0, "zombie");
      const current = await owner.claim(0, "owner");
      await zombie.append(0, old.generation, [entry(`late|${old.generation}`, "late")]);
      const { records } = await owner.claim(0, "reader");
      expect(records.find((record) => record.key.startsWith("late|"))?.position).toBeGreaterThan(current.generation);
    });
    return;
  }

  it("refuses an owner that was followed by another", async () => {
    const pipeline = freshName("state");
    const [zombie, owner] = [await open(pipeline), await open(pipeline)];
    const old = await zombie.claim(0, "zombie");
    await zombie.append(0, old.generation, [entry("before", "1")]);
    const current = await owner.claim(0, "owner");
    let tries = 0;
    const refused = async (): Promise<void> => {
      const late = zombie.append(0, old.generation, [entry(`late ${tries++}`, "zombie")]);
      await expect(late).rejects.toMatchObject({ code: "STATE_FENCED" });
    };
    if (fencing === "checked") await refused();
    else await eventually(refused, 60_000);
    await owner.append(0, current.generation, [entry("after", "2")]);
    const { before, after, ...rest } = contentOf(await owner.claim(0, "reader"));
    expect({ before, after }).toEqual({ before: "1", after: "2" });
    if (fencing === "checked") expect(rest).toEqual({});
  });
}

function keptTests(open: Open, keptState: () => KeptState): void {
  it("shows what is kept without claiming it", async () => {
    const pipeline = freshName("kept");
    expect(await keptState().read(pipeline)).toBeNull();
    const log = await open(pipeline, 2);
    const { generation } = await log.claim(1, "owner");
    await log.append(1, generation, [entry("a", "1"), entry("b", "2")]);
    await eventually(async () => {
      const partitions = await keptState().read(pipeline);
      expect(partitions?.map((records) => records.map(({ key }) => key))).toEqual([[], ["claim|owner", "a", "b"]]);
    });
    await log.append(1, generation, [entry("c", "3")]);
    await log.confirm?.(1, generation);
  });

  it("drops what is kept: the next owner begins empty", async () => {
    const pipeline = freshName("dropped");
    expect(await keptState().drop(pipeline)).toBe(false);
    const log = await open(pipeline);
    const { generation } = await log.claim(0, "owner");
    await log.append(0, generation, [entry("a", "1")]);
    expect(await keptState().drop(pipeline)).toBe(true);
    await eventually(async () => expect(await keptState().read(pipeline)).toBeNull());
    const next = await (await open(pipeline)).claim(0, "other");
    expect(next.records).toEqual([]);
  });
}
