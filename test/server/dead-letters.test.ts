import { describe, expect, it, onTestFinished } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import { bytesOfText, textOrBase64 } from "../../src/runtime/routes/bytes-as-text.ts";
import { NOTHING_REDRIVEN } from "../support/nothing-redriven.ts";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const KEEP = "CREATE STREAM refused WITH (topic = 'refused'); SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.refused';";
const STRICT = `${KEEP} INSERT INTO elastic.warm SELECT id, temperature + 0 AS t FROM readings PK id;`;
const MENDED = STRICT.replace("temperature + 0", "temperature");

type Running = Awaited<ReturnType<typeof runningServer>>;

const LETTERS = "/v1/pipelines/warm/deadletters";

/** A pipeline with `count` records that it could not take. */
async function refusing(count: number): Promise<Running> {
  const running = await runningServer();
  await running.request("PUT", "/v1/pipelines/warm", STRICT);
  const bad = Array.from({ length: count }, (_, id) => ({ id, temperature: "warm" }));
  await running.produce("readings", [{ id: 100, temperature: 20 }, ...bad]);
  await until(async () => (await running.request("GET", LETTERS)).body.items.length === count, "the dead letters");
  return running;
}

describe("dead letters by REST", () => {
  it("are listed with their records, the latest first, as the filter says", async () => {
    const { request, source } = await refusing(2);
    await source.append("readings", [{ key: null, value: Buffer.from("{"), timestampMs: Date.now() }]);
    await until(async () => (await request("GET", LETTERS)).body.items.length === 3, "the third one");
    const { body } = await request("GET", `${LETTERS}?code=RECORD_TYPE&limit=1`);
    expect(body).toMatchObject({ next: expect.any(String), keptIn: [{ connection: "embedded", kind: "topic", name: "refused" }] });
    expect(body.items).toEqual([
      expect.objectContaining({
        statement: "warm#1",
        topic: "readings",
        partition: 0,
        offset: 2,
        step: "read",
        code: "RECORD_TYPE",
        value: '{"id":1,"temperature":"warm"}',
      }),
    ]);
    expect((await request("GET", `${LETTERS}?statement=other%231`)).body).toEqual({ items: [], keptIn: [expect.anything()] });
  });

  it("are redriven once, with key, headers and time as they were, and then taken by what was mended", async () => {
    const running = await refusing(0);
    const { request, source, documents } = running;
    const timestampMs = Date.UTC(2026, 0, 1);
    const value = Buffer.from('{"id":1,"temperature":"warm"}');
    await source.append("readings", [{ key: Buffer.from("base64:k"), value, timestampMs, headers: [["trace", Buffer.from("t")]] }]);
    await until(async () => (await request("GET", LETTERS)).body.items.length === 1, "the dead letter");
    await request("PUT", "/v1/pipelines/warm", MENDED);
    expect(await request("POST", `${LETTERS}/redrive`, {})).toMatchObject({
      status: 200,
      body: { ...NOTHING_REDRIVEN, records: 1, letters: 1 },
    });
    await until(async () => (await documents("warm")).some((document) => (document as { t: unknown }).t === "warm"), "the document");
    const [again] = (await request("GET", "/v1/topics/readings/sample?count=1000")).body.records.filter(
      ({ offset }: { offset: number }) => offset === 2,
    );
    expect(again).toMatchObject({
      key: "base64:k",
      timestamp: "2026-01-01T00:00:00.000Z",
      value: { temperature: "warm" },
      headers: { trace: "t" },
    });
    expect((await request("POST", `${LETTERS}/redrive`, {})).body).toMatchObject({ records: 0, letters: 0 });
    expect((await request("GET", `${LETTERS}?redriven=true`)).body.items).toMatchObject([{ offset: 1, redrivenAt: expect.any(String) }]);
    expect((await request("GET", `${LETTERS}?redriven=false`)).body.items).toEqual([]);
  });

  it("are redriven by as many as the limit says, the oldest first, also by calls at one time", async () => {
    const { request, source } = await refusing(5);
    await request("PUT", "/v1/pipelines/warm", MENDED);
    expect((await request("POST", `${LETTERS}/redrive`, { limit: 2 })).body).toMatchObject({ records: 2, next: expect.any(String) });
    expect((await request("GET", `${LETTERS}?redriven=true`)).body.items.map(({ offset }: { offset: number }) => offset).sort()).toEqual([
      1, 2,
    ]);
    const both = await Promise.all([1, 2].map(() => request("POST", `${LETTERS}/redrive`, {})));
    expect(both.map(({ body }) => body.records).sort()).toEqual([0, 3]);
    expect((await source.bounds("readings", 0)).endOffset).toBe(6 + 5);
  });

  it.each([
    ["a topic", "embedded.refused"],
    ["an index", "elastic.refused"],
  ])("are listed page by page and redriven in parts, when they are more than memory is allowed for, from %s", async (_, place) => {
    const { deadLettersBytesMax } = LIMITS;
    Object.assign(LIMITS, { deadLettersBytesMax: 8_000 });
    onTestFinished(() => void Object.assign(LIMITS, { deadLettersBytesMax }));
    const { request, produce, source } = await runningServer();
    const text = `${STRICT.replace("embedded.refused", place)} INSERT INTO elastic.hot SELECT id, temperature * 2 AS t FROM readings PK id;`;
    await request("PUT", "/v1/pipelines/warm", text);
    const count = 40;
    const bad = Array.from({ length: count }, (_, id) => ({ id, temperature: "warm" }));
    await produce("readings", bad);
    const pages = async (query: string): Promise<readonly { offset: number; statement: string }[]> => {
      const all: { offset: number; statement: string }[] = [];
      for (let after = ""; ; ) {
        const { items, next } = (await request("GET", `${LETTERS}?limit=7${query}${after}`)).body;
        all.push(...items);
        if (next === undefined) return all;
        expect(items.length).toBe(7);
        after = `&after=${next}`;
      }
    };
    await until(async () => (await pages("")).length === 2 * count, "the dead letters");
    const listed = await pages("");
    expect(new Set(listed.map(({ offset, statement }) => `${statement} ${offset}`)).size).toBe(2 * count);
    expect(listed.map(({ offset }) => offset)).toEqual(listed.map(({ offset }) => offset).toSorted((left, right) => right - left));
    // Nothing is mended: what is put back fails again, and is left to another redrive.
    const first = (await request("POST", `${LETTERS}/redrive`, { limit: 15 })).body;
    expect(first).toEqual({ ...NOTHING_REDRIVEN, records: 15, letters: 30, next: expect.any(String) });
    await until(async () => (await pages("&redriven=false")).length === 2 * count, "the letters of what was put back");
    const second = (await request("POST", `${LETTERS}/redrive`, { after: first.next })).body;
    expect(second).toEqual({ ...NOTHING_REDRIVEN, records: count - 15, letters: 2 * (count - 15) });
    expect((await source.bounds("readings", 0)).endOffset).toBe(2 * count);
    expect((await pages("&redriven=true")).length).toBe(2 * count);
    expect(await request("GET", `${LETTERS}?after=nowhere`)).toMatchObject({ status: 422 });
    expect(await request("POST", `${LETTERS}/redrive`, { after: "nowhere" })).toMatchObject({ status: 422 });
  });

  it("of refused changes bring the record of the topic, and of an aggregate nothing that was counted", async () => {
    const { request, produce, source } = await runningServer();
    const sql = `${KEEP} INSERT INTO elastic.sums SELECT id, COUNT(*) AS n FROM readings GROUP BY id;
      INSERT INTO elastic.rows SELECT id, n FROM readings PK id;`;
    await request("PUT", "/v1/pipelines/warm", sql);
    await produce("readings", [{ n: 1 }]);
    await until(async () => (await request("GET", LETTERS)).body.items.length === 2, "both dead letters");
    const steps = (await request("GET", LETTERS)).body.items.map(({ statement, step }: Record<string, string>) => [statement, step]);
    expect(steps.sort()).toEqual([
      ["rows#1", "read"],
      ["sums#1", "result null"],
    ]);
    expect((await request("POST", `${LETTERS}/redrive`, { statement: "sums#1" })).body).toMatchObject({
      unable: [{ why: expect.stringContaining("could not be made"), letters: 1 }],
      records: 0,
    });
    expect((await request("POST", `${LETTERS}/redrive`, {})).body).toMatchObject({ unable: [{ letters: 1 }], records: 1, letters: 1 });
    expect((await source.bounds("readings", 0)).endOffset).toBe(2);
  });

  it.each([
    ["an index", "elastic.refused"],
    ["an index of each day", "elastic.refused'; SET 'dead.letters.retention' = '7d"],
    ["a table", "embedded.refused_rows"],
  ])("are listed, redriven and marked in %s too", async (_, place) => {
    const { request, produce, documents } = await runningServer();
    const text = STRICT.replace("embedded.refused", place);
    await request("PUT", "/v1/pipelines/warm", text);
    await produce("readings", [
      { id: 1, temperature: "warm" },
      { id: 2, temperature: 20 },
      { id: 3, temperature: "hot" },
    ]);
    const items = async (query = "") => (await request("GET", `${LETTERS}${query}`)).body.items as { offset: number; value: string }[];
    await until(async () => (await items()).length === 2, "the dead letters");
    expect((await items("?limit=1")).map(({ value }) => value)).toEqual(['{"id":3,"temperature":"hot"}']);
    await request("PUT", "/v1/pipelines/warm", text.replace("temperature + 0", "temperature"));
    expect((await request("POST", `${LETTERS}/redrive`, { limit: 1 })).body).toMatchObject({
      records: 1,
      letters: 1,
      next: expect.any(String),
    });
    expect((await items("?redriven=false")).map(({ offset }) => offset)).toEqual([2]);
    expect((await request("POST", `${LETTERS}/redrive`, {})).body).toEqual({ ...NOTHING_REDRIVEN, records: 1, letters: 1 });
    expect((await request("POST", `${LETTERS}/redrive`, {})).body).toMatchObject({ records: 0, letters: 0 });
    expect((await items("?redriven=true")).map(({ offset }) => offset).sort()).toEqual([0, 2]);
    await until(async () => (await documents("warm")).length === 3, "all rows");
  });

  it("of refused changes have the record, the document and the tries, and an id that every target takes", async () => {
    const { request, source, documents } = await runningServer();
    const text = `${KEEP.replace("embedded.refused", "elastic.refused")} INSERT INTO elastic.warm SELECT name, t FROM readings PK name;`;
    await request("PUT", "/v1/pipelines/warm", text);
    const value = JSON.stringify({ name: "n".repeat(600), t: 1, more: true });
    const timestampMs = Date.UTC(2026, 0, 1);
    await source.append("readings", [
      { key: Buffer.from("k"), value: Buffer.from(value), timestampMs, headers: [["h", Buffer.from("x")]] },
    ]);
    await until(async () => (await request("GET", LETTERS)).body.items.length === 1, "the dead letter");
    const [letter] = (await request("GET", LETTERS)).body.items;
    expect(letter).toMatchObject({
      code: "ID_TOO_LONG",
      attempts: 1,
      key: "k",
      value,
      document: JSON.stringify({ name: "n".repeat(600), t: 1 }),
      kept: "record",
      at: "2026-01-01T00:00:00.000Z",
    });
    expect(letter.step).toMatch(/^write n{50,100}…/);
    expect(Buffer.from(letter.headers, "base64").toString()).toContain("h");
    // Mended where the cause is in the record.
    const records = [{ topic: "readings", partition: 0, offset: 0, value: value.replace(/n{600}/, "short") }];
    const other = [{ topic: "readings", partition: 0, offset: 7 }];
    expect((await request("POST", `${LETTERS}/redrive`, { records: other })).body).toMatchObject({ records: 0, letters: 0 });
    expect((await request("POST", `${LETTERS}/redrive`, { records })).body).toMatchObject({ records: 1, letters: 1 });
    await until(async () => (await documents("warm")).length === 1, "the row");
    expect(await documents("warm")).toEqual([{ name: "short", t: 1 }]);
  });

  it("that are masked are read again from their topic", async () => {
    const { request, source, produce } = await runningServer();
    await request("PUT", "/v1/pipelines/warm", `SET 'dead.letters.mask' = 'temperature'; ${STRICT}`);
    await produce("readings", [
      { id: 1, temperature: "warm" },
      { id: 2, temperature: "hot" },
    ]);
    await until(async () => (await request("GET", LETTERS)).body.items.length === 2, "the dead letters");
    expect((await request("GET", LETTERS)).body.items).toMatchObject([{ value: '{"id":2,"temperature":"***"}' }, { kept: "masked" }]);
    await source.trim("readings", 0, 1);
    await request("PUT", "/v1/pipelines/warm", MENDED);
    const { body } = await request("POST", `${LETTERS}/redrive`, {});
    const { startOffset } = await source.bounds("readings", 0);
    expect(body).toMatchObject({ records: 2 - startOffset, gone: startOffset });
    const { records } = (await request("GET", "/v1/topics/readings/sample?count=1000")).body;
    expect(records.at(-1).value).toEqual({ id: 2, temperature: "hot" });
  });

  it("that are not kept at all cannot be redriven", async () => {
    const { request } = await runningServer();
    await request("PUT", "/v1/pipelines/warm", "INSERT INTO elastic.warm SELECT id FROM readings PK id;");
    expect(await request("POST", `${LETTERS}/redrive`, {})).toMatchObject({
      status: 422,
      body: { hint: expect.stringContaining("dead.letters") },
    });
    expect(await request("POST", "/v1/pipelines/other/deadletters/redrive", {})).toMatchObject({ status: 404 });
  });

  it("give back all bytes, whatever they were", () => {
    for (const bytes of [
      Buffer.from("text"),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("base64:AAAA"),
      Buffer.from("base64:/w=="),
      Buffer.alloc(0),
    ]) {
      expect(bytesOfText(textOrBase64(bytes))).toEqual(bytes);
    }
    expect(bytesOfText(textOrBase64(null))).toBeNull();
  });
});
