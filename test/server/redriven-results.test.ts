import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import { NOTHING_REDRIVEN } from "../support/nothing-redriven.ts";
import { until } from "../support/until.ts";
import { RefusingTargets } from "./refusing-targets.ts";
import { runningServer } from "./running-server.ts";

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const LETTERS = "/v1/pipelines/sums/deadletters";
const MISFIT = "failed to parse field [total] of type [byte]";

/** Of a group and a minute. */
interface Total {
  readonly id: string;
  readonly n: number;
  readonly total: number;
}

const STREAMS = `CREATE STREAM letters WITH (topic = 'letters'); CREATE STREAM totals WITH (topic = 'totals');
  CREATE STREAM readings (id STRING, v BIGINT) WITH (topic = 'readings', key = 'id');`;
const NOOP = "SET 'error.policy' = 'noop'; SET 'commit.interval' = 20; SET 'dead.letters' =";
const SELECT = "SELECT id, COUNT(*) AS n, SUM(v) AS total FROM readings";
const FINALS = `${SELECT} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id EMIT FINAL`;
const CHANGES = `${SELECT} GROUP BY id EMIT CHANGES`;

const finals = (target: string, letters: string) => `${STREAMS} ${NOOP} '${letters}'; INSERT INTO ${target} ${FINALS};`;
const changes = (target: string, letters = "embedded.letters") => `${STREAMS} ${NOOP} '${letters}'; INSERT INTO ${target} ${CHANGES};`;

/** A server whose targets refuse totals of more than a byte, as long as `isMended` is false. */
async function refusing(sql: string) {
  const targets = new RefusingTargets();
  const running = await runningServer({}, null, undefined, targets.env);
  const { request, source } = running;
  const state = { isMended: false };
  targets.refusal = (target, row) => (!state.isMended && target !== "letters" && Number(row?.["total"]) > 127 ? MISFIT : null);
  await request("PUT", "/v1/pipelines/sums", sql);
  return {
    ...running,
    targets,
    state,
    items: async (query = "") => (await request("GET", `${LETTERS}${query}`)).body.items,
    redrive: async (body: object = {}) => (await request("POST", `${LETTERS}/redrive`, body)).body,
    append: (rows: readonly { readonly id: string; readonly v: number; readonly at?: number }[]) =>
      source.append(
        "readings",
        rows.map(({ id, v, at = 0 }) => ({
          key: Buffer.from(id),
          value: Buffer.from(JSON.stringify({ id, v })),
          timestampMs: START + at,
        })),
      ),
    /** The values of a topic's records. */
    records: async (topic: string) => (await request("GET", `/v1/topics/${topic}/sample?count=1000`)).body.records,
    table: async (name: string): Promise<Total[]> =>
      ((await request("POST", "/v1/query", { sql: `SELECT * FROM ${name}`, from: "earliest", untilEnd: true })).body as string)
        .split("\n")
        .map((line) => (line === "" ? {} : JSON.parse(line)) as { readonly row?: Total })
        .flatMap(({ row }) => row ?? []),
  };
}

const ROWS = ["a", "b", "c", "d"].flatMap((id, group) => [1, 2].map((n) => ({ id, v: n * 30 * group, at: n * 1000 })));
const CLOSING = { id: "z", v: 0, at: 10 * MINUTE };

/** What a plain computation makes of `ROWS`. */
function expectedTotals(): Total[] {
  const byId = Map.groupBy(ROWS, ({ id }) => id);
  return [...byId].map(([id, rows]) => ({ id, n: rows.length, total: rows.reduce((sum, { v }) => sum + v, 0) }));
}

const byId = (rows: readonly Partial<Total>[]) =>
  rows.map(({ id, n, total }) => ({ id, n, total })).sort((left, right) => ((left.id ?? "") < (right.id ?? "") ? -1 : 1));

describe("results that a target refused", () => {
  const isBig = ({ total }: Total): boolean => total > 127;
  const big = expectedTotals().filter(isBig).length;

  it.each([
    ["an index", "letters in a topic", "elastic.sums", "embedded.letters"],
    ["a table", "letters in a topic", "embedded.rows", "embedded.letters"],
    ["a topic", "letters in a topic", "embedded.totals", "embedded.letters"],
    ["an index", "letters in an index", "elastic.sums", "elastic.letters"],
    ["an index", "letters in an index of each day", "elastic.sums", "elastic.letters'; SET 'dead.letters.retention' = '7d"],
    ["an index", "letters in a table", "elastic.sums", "embedded.letter_rows"],
  ])("come to %s by redrive, once the cause is corrected, from %s", async (_, _place, target, letters) => {
    const { append, items, redrive, state, records, table, targets } = await refusing(finals(target, letters));
    const name = target.slice(target.indexOf(".") + 1);
    targets.refusal = (to, row) => (!state.isMended && to === name && Number(row?.["total"]) > 127 ? MISFIT : null);
    const isTopic = name === "totals";
    const rows = async (): Promise<Total[]> =>
      isTopic ? (await records(name)).map(({ value }: { value: Total }) => value) : table(isTopic ? name : target);
    await append([...ROWS, CLOSING]);
    await until(async () => (await items()).length === big, "the dead letters");
    expect((await items())[0]).toMatchObject({ step: expect.stringMatching(/^write /), attempts: 1, redrive: { sends: "result" } });
    expect(byId(await rows())).toEqual(byId(expectedTotals().filter((row) => !isBig(row))));
    // Not corrected yet.
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, refused: big });
    expect(await redrive({ limit: 1 })).toEqual({ ...NOTHING_REDRIVEN, refused: 1, ...(big > 1 ? { next: expect.any(String) } : {}) });
    expect((await items()).map(({ attempts }: { attempts: number }) => attempts).sort()).toEqual([2, 3].slice(-big));
    expect((await items("?redriven=false")).length).toBe(big);
    state.isMended = true;
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: big, letters: big });
    expect(byId(await rows())).toEqual(byId(expectedTotals()));
    expect(await redrive()).toEqual(NOTHING_REDRIVEN);
    expect((await items("?redriven=true")).map(({ redrive: again }: { redrive: object }) => again)).toEqual(
      Array.from({ length: big }, () => ({ sends: "nothing", why: "it is redriven" })),
    );
  });

  it("are left where newer ones are there, in a store and in a topic that is a table", async () => {
    for (const target of ["elastic.sums", "embedded.totals"]) {
      const { append, items, redrive, state, records, table } = await refusing(changes(target));
      const isTopic = target === "embedded.totals";
      const rows = async () =>
        isTopic ? (await records("totals")).map(({ value }: { value: Total }) => value) : byId(await table("elastic.sums"));
      await append([{ id: "a", v: 200 }]);
      await until(async () => (await items()).length === 1, "the letter");
      state.isMended = true;
      await append([{ id: "a", v: 300, at: 1 }]);
      await until(async () => (await rows()).length === 1, "the newer one");
      expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, superseded: 1, letters: 1 });
      expect(await rows()).toEqual([{ id: "a", n: 2, total: 500 }]);
    }
  });

  it("do not cover a newer one that comes to a topic at the same time", async () => {
    const { append, items, redrive, state, records, targets } = await refusing(changes("embedded.totals", "elastic.letters"));
    const values = async (): Promise<number[]> =>
      ((await records("totals")) as { readonly offset: number; readonly value: Total }[])
        .sort((left, right) => left.offset - right.offset)
        .map(({ value }) => value.total);
    await append([{ id: "a", v: 200 }]);
    await until(async () => (await items()).length === 1, "the letter");
    state.isMended = true;
    targets.beforeWrite = async (target) => {
      if (target !== "totals") return;
      targets.beforeWrite = () => {};
      await append([{ id: "a", v: 300, at: 1 }]);
      await until(async () => (await values()).length === 1, "the newer one");
    };
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: 1, letters: 1 });
    expect(await values()).toEqual([500, 200, 500]);
  });

  it("come in their order: of one row the last stays", async () => {
    const { append, items, redrive, state, table } = await refusing(changes("elastic.sums"));
    for (const [index, v] of [200, 100, 50].entries()) {
      await append([{ id: "a", v, at: index }]);
      await until(async () => (await items()).length === index + 1, "a letter of each");
    }
    state.isMended = true;
    expect(await redrive({ limit: 2 })).toMatchObject({ results: 2, next: expect.any(String) });
    expect(byId(await table("elastic.sums"))).toEqual([{ id: "a", n: 2, total: 300 }]);
    expect(await redrive()).toMatchObject({ results: 1 });
    expect(byId(await table("elastic.sums"))).toEqual([{ id: "a", n: 3, total: 350 }]);
  });

  it("may be deletions", async () => {
    const sql = `${STREAMS} ${NOOP} 'embedded.letters'; INSERT INTO elastic.sums ${SELECT} GROUP BY id HAVING SUM(v) < 10 EMIT CHANGES;`;
    const { append, items, redrive, state, table, targets } = await refusing(sql);
    targets.refusal = (target, row) => (!state.isMended && target === "sums" && row === null ? "the index is read-only" : null);
    await append([{ id: "a", v: 1 }]);
    await until(async () => (await table("elastic.sums")).length === 1, "the row");
    await append([{ id: "a", v: 20, at: 1 }]);
    await until(async () => (await items()).length === 1, "the letter");
    expect((await items())[0]).toMatchObject({ document: null, redrive: { sends: "result" } });
    state.isMended = true;
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: 1, letters: 1 });
    expect(await table("elastic.sums")).toEqual([]);
  });

  it("may be joined rows, and rows of dated indexes", async () => {
    const sql = `${STREAMS} CREATE STREAM others (id STRING, w BIGINT) WITH (topic = 'others', key = 'id'); ${NOOP} 'embedded.letters';
      INSERT INTO elastic.sums SELECT r.id AS id, r.v + o.w AS total FROM readings r JOIN others o WITHIN 1 HOUR ON r.id = o.id
      WITHINDEXSUFFIX = _{yyyy-MM-dd};`;
    const { append, items, redrive, state, source, table, targets } = await refusing(sql);
    targets.refusal = (target, row) => (!state.isMended && target === "sums" && row !== null ? MISFIT : null);
    await append([{ id: "a", v: 200 }]);
    await source.append("others", [{ key: Buffer.from("a"), value: Buffer.from('{"id":"a","w":5}'), timestampMs: START }]);
    await until(async () => (await items()).length === 1, "the letter");
    state.isMended = true;
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: 1, letters: 1 });
    expect(await table("elastic.`sums_2026-01-01`")).toMatchObject([{ id: "a", total: 205 }]);
  });

  it("are there once for Sluice's readers, also where it broke off before the letters were marked", async () => {
    const reader = "SET 'commit.interval' = 20; INSERT INTO elastic.copies SELECT id, n, total, _offset AS at FROM totals;";
    const { append, items, redrive, request, state, source, documents, targets } = await refusing(
      finals("embedded.totals", "elastic.letters"),
    );
    await append([...ROWS, CLOSING]);
    await until(async () => (await items()).length === big, "the dead letters");
    await request("PUT", "/v1/pipelines/reader", `${STREAMS} ${reader}`);
    state.isMended = true;
    targets.beforeWrite = (target) => {
      if (target === "letters") throw new SluiceError("CHANGE_UNAVAILABLE", "killed");
    };
    expect(await redrive()).toMatchObject({ code: "CHANGE_UNAVAILABLE" });
    expect((await items("?redriven=false")).length).toBe(big);
    targets.beforeWrite = () => {};
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: big, letters: big });
    const { endOffset } = await source.bounds("totals", 0);
    expect(endOffset).toBe(expectedTotals().length + big);
    const counters = async () => (await request("GET", "/v1/pipelines/reader")).body.status.statements[0]?.counters;
    await until(async () => (await counters())?.in === endOffset, "the reader");
    expect(await counters()).toMatchObject({ filtered: big, applied: expectedTotals().length });
    await until(async () => (await documents("copies")).length === expectedTotals().length, "the copies");
    expect(byId((await documents("copies")) as Total[])).toEqual(byId(expectedTotals()));
  });

  it("are there once in a store, where it broke off before the letters were marked", async () => {
    const { append, items, redrive, state, table, targets } = await refusing(finals("elastic.sums", "elastic.letters"));
    await append([...ROWS, CLOSING]);
    await until(async () => (await items()).length === big, "the dead letters");
    state.isMended = true;
    targets.beforeWrite = (target) => {
      if (target === "letters") throw new SluiceError("CHANGE_UNAVAILABLE", "killed");
    };
    expect(await redrive()).toMatchObject({ code: "CHANGE_UNAVAILABLE" });
    targets.beforeWrite = () => {};
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, superseded: big, letters: big });
    expect(byId(await table("elastic.sums"))).toEqual(byId(expectedTotals()));
  });
});

describe("results that cannot be sent again", () => {
  const LONG = "SELECT id, SUM(v) AS total, MAX(text) AS text FROM readings GROUP BY id EMIT CHANGES";
  const unable = (why: string) => ({ ...NOTHING_REDRIVEN, unable: [{ why: expect.stringContaining(why), letters: 1 }] });

  it("are told with the reason, where statement or target are others now", async () => {
    const { append, items, redrive, request, state } = await refusing(changes("elastic.sums"));
    await append([{ id: "a", v: 200 }]);
    await until(async () => (await items()).length === 1, "the letter");
    state.isMended = true;
    await request("PUT", "/v1/pipelines/sums", changes("elastic.sums").replace("COUNT(*) AS n", "COUNT(*) + 1 AS n"));
    expect((await items())[0].redrive).toEqual({ sends: "nothing", why: expect.stringContaining("the statement has changed since") });
    expect(await redrive()).toEqual(unable("the statement has changed since"));
    await request("PUT", "/v1/pipelines/sums", changes("embedded.sums"));
    expect(await redrive()).toEqual(unable("elastic.sums refused it, and the statement writes to embedded.sums now"));
    expect(await redrive({ statement: "totals#1" })).toMatchObject({ status: 422, hint: "its statements are sums#1" });
    // As it was, but for the layout of its text.
    await request("PUT", "/v1/pipelines/sums", changes("elastic.sums").replace("FROM readings", "\n  FROM readings -- all of them\n"));
    expect(await redrive({ records: [{ topic: "readings", partition: 0, offset: 0, value: "{}" }] })).toEqual(unable("as it was"));
    expect(await redrive()).toMatchObject({ results: 1, letters: 1 });
  });

  it("are told where fields of them are masked, and others are sent", async () => {
    const { append, items, redrive, state, table } = await refusing(`SET 'dead.letters.mask' = 'id'; ${changes("elastic.sums")}`);
    await append([{ id: "a", v: 200 }]);
    await until(async () => (await items()).length === 1, "the letter");
    state.isMended = true;
    const [letter] = await items();
    expect(JSON.stringify(letter)).not.toContain('"a"');
    expect(await redrive()).toEqual(unable("masked"));
    const other = await refusing(`SET 'dead.letters.mask' = 'email'; ${changes("elastic.sums")}`);
    await other.append([{ id: "a", v: 200 }]);
    await until(async () => (await other.items()).length === 1, "the letter of the other");
    other.state.isMended = true;
    expect(await other.redrive()).toMatchObject({ results: 1 });
    expect(await table("elastic.sums")).toEqual([]);
    expect(byId(await other.table("elastic.sums"))).toEqual([{ id: "a", n: 1, total: 200 }]);
  });

  it("are told where they were too long for a letter", async () => {
    const streams = STREAMS.replace("v BIGINT)", "v BIGINT, text STRING)");
    const { items, redrive, source } = await refusing(`${streams} ${NOOP} 'embedded.letters'; INSERT INTO elastic.sums ${LONG};`);
    const value = JSON.stringify({ id: "a", v: 200, text: "x".repeat(LIMITS.deadLetterBytesMax) });
    await source.append("readings", [{ key: Buffer.from("a"), value: Buffer.from(value), timestampMs: START }]);
    await until(async () => (await items()).length === 1, "the letter");
    expect(await redrive()).toEqual(unable("too long"));
  });

  it("are told where an earlier release kept the letter", async () => {
    const { items, redrive, source } = await refusing(changes("elastic.sums"));
    const place = { statement: "sums#1", topic: "readings", partition: 0, offset: 0, step: "write a" };
    const letter = { ...place, code: "CHANGE_REJECTED", error: MISFIT, attempts: 1, version: 5, at: null, document: "{}" };
    const record = { key: null, value: null, headers: null, kept: "none" };
    await source.append("letters", [
      { key: Buffer.from("k"), value: Buffer.from(JSON.stringify({ ...letter, ...record })), timestampMs: START },
    ]);
    await until(async () => (await items()).length === 1, "the letter");
    expect(await redrive()).toEqual(unable("an earlier release"));
  });
});

it("a row whose record is gone is sent as it was refused", async () => {
  const rows = `${STREAMS} ${NOOP} 'embedded.letters'; SET 'dead.letters.mask' = 'secret';
    INSERT INTO elastic.sums SELECT id, v AS total FROM readings PK id;`;
  const { append, items, redrive, source, state, table, request } = await refusing(rows);
  await append([{ id: "a", v: 200 }]);
  await until(async () => (await items()).length === 1, "the letter");
  expect((await items())[0]).toMatchObject({ kept: "masked", redrive: { sends: "record" } });
  await request("POST", "/v1/pipelines/sums/pause", {});
  await source.deleteTopic("readings");
  await source.createTopic("readings", { partitions: 1 });
  state.isMended = true;
  expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, results: 1, letters: 1 });
  expect(await table("elastic.sums")).toMatchObject([{ id: "a", total: 200 }]);
});
