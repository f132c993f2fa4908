import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { must } from "../../src/assert.ts";
import type { KeptLetter } from "../../src/fleet/kept-letter.ts";
import { LIMITS } from "../../src/limits.ts";
import { Harness, record } from "./harness.ts";

const NOOP = "SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dlq';";
const SUMS = "INSERT INTO sums SELECT id, v + 1 AS w FROM t;";

/** Every one of these is refused whose number is among `bad`. */
function numbers(count: number, bad: (id: number) => boolean) {
  return Array.from({ length: count }, (_, id) => record({ id, v: bad(id) ? "warm" : id }));
}

describe("what is kept of dead letters", () => {
  let harness: Harness;
  let shiftMs = 0;
  beforeEach(() => {
    shiftMs = 0;
    harness = new Harness(undefined, null, { ...systemClock, now: () => systemClock.now() + shiftMs });
  });
  afterEach(() => harness.dispose());

  const letters = async (): Promise<readonly KeptLetter[]> => (await harness.table("dlq")) as KeptLetter[];

  it("is the record as it is, and which try it was", async () => {
    const headers = [["trace", Buffer.from([0xff, 1])]] as const;
    const timestampMs = Date.UTC(2026, 0, 1);
    await harness.append("t", [{ key: Buffer.from("k"), value: Buffer.from([0xff, 0x00]), timestampMs, headers }]);
    await harness.run("p", `${NOOP} ${SUMS}`);
    expect(await letters()).toMatchObject([
      { topic: "t", offset: 0, step: "read", code: "RECORD_MALFORMED", attempts: 1, key: "k", value: "base64:/wA=", kept: "record" },
    ]);
    expect(Buffer.from(must((await letters())[0]?.headers), "base64").includes("trace")).toBe(true);
  });

  it("is as much of a long record as a topic takes", async () => {
    await harness.append("t", [record({ id: 1, v: "warm", text: "x".repeat(LIMITS.deadLetterBytesMax) }, { key: "k" })]);
    await harness.run("p", `${NOOP} ${SUMS}`);
    expect(await letters()).toMatchObject([{ key: "k", value: null, kept: "part" }]);
  });

  it("does not show what is masked, wherever it stands", async () => {
    const person = { v: "warm", email: "ann@x.org", cards: [{ number: 4711, bank: "b" }, { bank: "c" }] };
    await harness.append("t", [
      record({ id: "ann@x.org", ...person }, { key: "ann@x.org" }),
      record('{"email":"bob@x.org"', { key: "bob" }),
      record({ id: 3, v: "4711", cards: { number: 4711 } }, { key: "3" }),
    ]);
    await harness.run("p", `${NOOP} SET 'dead.letters.mask' = 'email, cards.number'; ${SUMS}`);
    const [first, second, third] = await letters();
    expect(JSON.parse(must(first?.value))).toEqual({
      ...person,
      id: "ann@x.org",
      email: "***",
      cards: [{ number: "***", bank: "b" }, { bank: "c" }],
    });
    expect(first).toMatchObject({ key: "***", kept: "masked" });
    expect(second).toMatchObject({ key: "bob", value: null, kept: "masked" });
    expect(third).toMatchObject({ value: '{"id":3,"v":"4711","cards":{"number":"***"}}' });
  });

  it("goes when its time is over", async () => {
    await harness.append("t", [record({ id: 1, v: "warm" })]);
    await harness.run("p", `${NOOP} SET 'dead.letters.retention' = '1d'; ${SUMS}`);
    expect(await letters()).toHaveLength(1);
    shiftMs = 86_400_001;
    await harness.append("t", [record({ id: 2, v: "warm" })]);
    await harness.run("p", `${NOOP} SET 'dead.letters.retention' = '1d'; ${SUMS}`);
    expect(await letters()).toMatchObject([{ offset: 1 }]);
  });

  it("goes from a topic too, by when it was written", async () => {
    const sql = `CREATE STREAM dead WITH (topic = 'dead'); SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dead';
      SET 'dead.letters.retention' = '1d'; ${SUMS}`;
    await harness.append("t", [record({ id: 1, v: "warm" }, { timestampMs: Date.UTC(2020, 0, 1) })]);
    await harness.run("p", sql);
    expect(await harness.topic("dead")).toHaveLength(1);
    shiftMs = 86_400_001;
    await harness.append("t", [record({ id: 2, v: "warm" })]);
    await harness.run("p", sql);
    expect(await harness.using(({ source }) => must(source).bounds("dead", 0))).toEqual({ startOffset: 1, endOffset: 2 });
  });
});

describe("an error budget", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  const run = async (budget: string) => {
    const { statements, messages } = await harness.run("p", `${NOOP} SET 'error.budget' = '${budget}'; ${SUMS}`);
    const failed = messages.find((message) => message.kind === "statement-failed");
    return { ...must(statements[0]), error: failed?.error ?? null };
  };

  it("is so many records, then the statement stops before the next one; started again it has a new one", async () => {
    await harness.append(
      "t",
      numbers(20, (id) => id % 4 === 3),
    );
    const { state, counters, error } = await run("2");
    expect({ state, counters }).toMatchObject({ state: "failed", counters: { in: 11, applied: 9, deadLettered: 2, written: 9 } });
    expect(error).toMatchObject({ code: "ERROR_BUDGET_SPENT", statement: "sums#1", topic: "t", partition: 0, offset: 11 });
    expect(error?.message).toBe("more than 2 could not be taken (error.budget 2); this one: v: expected a number, found a string");
    expect(await harness.table("dlq")).toHaveLength(2);
    expect(await run("2")).toMatchObject({ state: "failed", counters: { in: 19, deadLettered: 4 } });
    expect(await run("2")).toMatchObject({
      state: "finished",
      counters: { in: 20, applied: 15, deadLettered: 5, written: 15 },
      error: null,
    });
  });

  it("is a share of the records that came so far, whatever batches they came in", async () => {
    // Of every hundred the last two, so that there are never more than two in a hundred.
    await harness.append(
      "t",
      numbers(3000, (id) => id % 100 >= 98),
    );
    expect(await run("2%")).toMatchObject({ state: "finished", counters: { in: 3000, deadLettered: 60 } });
    await harness.append(
      "u",
      numbers(3000, (id) => id >= 1500 && id % 10 === 0),
    );
    const { statements } = await harness.run("q", `${NOOP} SET 'error.budget' = '2%'; ${SUMS.replace("FROM t", "FROM u")}`);
    // The n-th one comes as record 1501 + 10 (n - 1), and is one too many where n > 2 % of these: from the 38th on.
    expect(must(statements[0])).toMatchObject({ state: "failed", counters: { in: 1870, deadLettered: 37 } });
  });

  it("stops an aggregate whose results cannot be made", async () => {
    await harness.append(
      "t",
      numbers(10, () => false).map((one, id) => (id < 3 ? record({ v: id, g: null }) : one)),
    );
    const groups = "INSERT INTO groups SELECT g, v, COUNT(*) AS n FROM t GROUP BY g, v;";
    const { statements } = await harness.run("p", `${NOOP} SET 'error.budget' = '2'; ${groups}`);
    expect(must(statements[0]).state).toBe("failed");
    expect(await harness.table("groups")).toEqual([]);
  });

  it("is none where nothing is said", async () => {
    await harness.append(
      "t",
      numbers(50, () => true),
    );
    const { statements } = await harness.run("p", `${NOOP} ${SUMS}`);
    expect(must(statements[0])).toMatchObject({ state: "finished", counters: { in: 50, deadLettered: 50 } });
  });
});
