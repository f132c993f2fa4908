import { afterAll, describe, expect, it } from "vitest";
import { BIGINT } from "../../../src/model/type.ts";
import { Outcome, type RouteTarget, type Sink } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, targetOf } from "../../adapters/elasticsearch/support.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const { written, superseded, retry, rejected } = Outcome;
const never = new AbortController().signal;

describeWith("elasticsearch", "Elasticsearch sink", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection } = connect({ node, bulkDocuments: 100 });
  const open = (name: string, options: Partial<RouteTarget> = {}): Promise<Sink> =>
    connection.openSink(targetOf(scratch.name(name), options));
  const write = async (sink: Sink, ...rows: Parameters<typeof changesOf>[0]) => {
    const result = await sink.write(changesOf(rows), ORIGIN, never);
    return { outcomes: [...result.outcomes], errors: result.errors };
  };

  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  it("writes to the indexes that the changes name, several in one batch", async () => {
    const sink = await open("dated", { suffix: "_{yyyy-MM-dd}" });
    const day = (n: number) => scratch.name(`dated_2026-11-0${n}`);
    const rows = Array.from({ length: 30 }, (_, i) => ({ id: `id-${i}`, version: 5, document: `{"n":${i}}`, index: day(1 + (i % 3)) }));
    expect((await write(sink, ...rows)).outcomes).toEqual(Array(30).fill(written));
    for (const n of [1, 2, 3]) expect(await scratch.count(day(n))).toBe(10);
    const found = await scratch.documents(scratch.name("dated_*"));
    for (const row of rows) expect(found.get(row.id)).toMatchObject({ index: row.index, version: 5, source: JSON.parse(row.document) });
  });

  it("keeps the highest version, whatever comes again and in which order", async () => {
    const sink = await open("versions");
    expect((await write(sink, { id: "a", version: 7, document: '{"v":7}' })).outcomes).toEqual([written]);
    expect((await write(sink, { id: "a", version: 7, document: '{"v":70}' })).outcomes).toEqual([superseded]);
    expect((await write(sink, { id: "a", version: 6, document: '{"v":6}' })).outcomes).toEqual([superseded]);
    const microseconds = 1_795_234_319_680_001;
    const twice = await write(sink, { id: "a", version: 8, document: '{"v":8}' }, { id: "a", version: microseconds, document: '{"v":9}' });
    expect(twice.outcomes).toEqual([written, written]);
    expect(await scratch.documents(scratch.name("versions"))).toEqual(
      new Map([["a", { index: scratch.name("versions"), version: microseconds, source: { v: 9 } }]]),
    );
  });

  it("does not let a late write bring back what was deleted", async () => {
    const sink = await open("deletes");
    await write(sink, { id: "a", version: 5, document: "{}" });
    expect((await write(sink, { id: "a", version: 9 })).outcomes).toEqual([written]);
    expect((await write(sink, { id: "a", version: 9 })).outcomes).toEqual([superseded]);
    expect((await write(sink, { id: "a", version: 7, document: "{}" })).outcomes).toEqual([superseded]);
    expect(await scratch.count(scratch.name("deletes"))).toBe(0);
    expect((await write(sink, { id: "a", version: 10, document: "{}" })).outcomes).toEqual([written]);
    expect(await scratch.count(scratch.name("deletes"))).toBe(1);
  });

  it("takes the delete of what was never there for done, and remembers it", async () => {
    const sink = await open("ghosts");
    expect((await write(sink, { id: "ghost", version: 5 })).outcomes).toEqual([written]);
    expect((await write(sink, { id: "ghost", version: 4, document: "{}" })).outcomes).toEqual([superseded]);
  });

  it("rejects the one document that the mapping refuses, and writes its neighbours", async () => {
    const sink = await open("conflict", { autocreate: true, columns: [{ name: "n", type: BIGINT }] });
    const rows = ["1", '"warm"', "3", "{}", "5"].map((n, i) => ({ id: `id-${i}`, version: 1, document: `{"n":${n}}` }));
    const { outcomes, errors } = await write(sink, ...rows);
    expect(outcomes).toEqual([written, rejected, written, rejected, written]);
    expect(errors.get(1)).toMatchObject({ code: "CHANGE_REJECTED", message: expect.stringMatching(/failed to parse field \[n\].*warm/) });
    expect(await scratch.count(scratch.name("conflict"))).toBe(3);
  });

  it("keeps 64-bit integers exact in a long field, and rejects longer ones", async () => {
    const sink = await open("exact", { autocreate: true, columns: [{ name: "n", type: BIGINT }] });
    const integers = ["9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808"];
    const rows = [...integers, "9223372036854775808"].map((n) => ({ id: n, version: 1, document: `{"n":${n}}` }));
    expect((await write(sink, ...rows)).outcomes).toEqual([written, written, written, written, rejected]);
    await scratch.count(scratch.name("exact"));
    for (const n of integers) {
      const { body } = await scratch.send("GET", `/${scratch.name("exact")}/_search?q=n:${n.replace("-", "\\-")}&_source=false`);
      const { hits } = body as { hits?: { hits: { _id: string }[] } };
      expect(hits?.hits.map(({ _id }) => _id)).toEqual([n]);
    }
  });

  it("rejects what a strict mapping does not know", async () => {
    const name = scratch.name("strict");
    await scratch.send("PUT", `/${name}`, { mappings: { dynamic: "strict", properties: { a: { type: "long" } } } });
    const sink = await open("strict");
    const { outcomes, errors } = await write(
      sink,
      { id: "a", version: 1, document: '{"a":1}' },
      { id: "b", version: 1, document: '{"b":1}' },
    );
    expect(outcomes).toEqual([written, rejected]);
    expect(errors.get(1)?.message).toContain("strict_dynamic_mapping_exception");
  });

  it("rejects ids and index names that would make the server refuse the whole request, and nothing else", async () => {
    const sink = await open("illegal");
    const index = scratch.name("illegal");
    const { outcomes, errors } = await write(
      sink,
      { id: "a".repeat(512), version: 1, document: "{}", index },
      { id: "b".repeat(513), version: 1, document: "{}", index },
      { id: "é".repeat(257), version: 1, document: "{}", index },
      { id: "", version: 1, document: "{}", index },
      { id: "c", version: 1, document: "{}", index: scratch.name("Room A") },
      { id: 'q"\\\n€😀', version: 1, document: "{}", index },
    );
    expect(outcomes).toEqual([written, rejected, rejected, rejected, rejected, written]);
    expect(errors.get(1)?.code).toBe("ID_TOO_LONG");
    expect(errors.get(2)?.code).toBe("ID_TOO_LONG");
    expect(errors.get(4)?.message).toContain("has capital letters");
    expect([...(await scratch.documents(index)).keys()].toSorted()).toEqual(["a".repeat(512), 'q"\\\n€😀'].toSorted());
  });

  it("is not led astray by newlines in a document", async () => {
    const sink = await open("newlines");
    await write(sink, { id: "victim", version: 1, document: "{}" });
    const index = scratch.name("newlines");
    const forged = `{"m":{\n"delete":{"_index":"${index}","_id":"victim","version":9,"version_type":"external"}}\n}`;
    const { outcomes } = await write(
      sink,
      { id: "a", version: 2, document: forged },
      { id: "b", version: 2, document: '{"s":"broken\nstring"}' },
      { id: "c", version: 2, document: '{\n  "x": [\n 1,\n 2 ]\n}\n' },
    );
    expect(outcomes).toEqual([written, rejected, written]);
    const found = await scratch.documents(index);
    expect([...found.keys()].toSorted()).toEqual(["a", "c", "victim"]);
    expect(found.get("a")?.source).toEqual(JSON.parse(forged));
    expect(found.get("c")?.source).toEqual({ x: [1, 2] });
  });

  it("names an index that is closed, read-only or retired; a full disk is a trouble that passes", async () => {
    const sink = await open("states", { suffix: "_{yyyy}" });
    const year = (n: number) => scratch.name(`states_${n}`);
    const send = (index: string, version: number) => write(sink, { id: "a", version, document: "{}", index });
    for (const n of [2021, 2022, 2023]) await send(year(n), 1);
    await scratch.send("POST", `/${year(2021)}/_close`);
    await scratch.send("PUT", `/${year(2022)}/_settings`, { "index.blocks.write": true });
    await scratch.send("PUT", `/${year(2023)}/_settings`, { "index.blocks.read_only_allow_delete": true });
    const retired = { index_patterns: [year(2020)], priority: 10_000, allow_auto_create: false };
    await scratch.send("PUT", `/_index_template/${scratch.name("retired")}`, retired);

    const closed = await send(year(2021), 2);
    expect(closed).toMatchObject({ outcomes: [rejected] });
    expect(closed.errors.get(0)?.message).toBe(`index "${year(2021)}" is closed`);
    const readOnly = await send(year(2022), 2);
    expect(readOnly.outcomes).toEqual([rejected]);
    expect(readOnly.errors.get(0)?.message).toContain(`index "${year(2022)}" is read-only`);
    const full = await send(year(2023), 2);
    expect(full.outcomes).toEqual([retry]);
    expect(full.errors.get(0)?.message).toContain("flood-stage");
    const gone = await send(year(2020), 2);
    expect(gone.errors.get(0)).toMatchObject({ code: "TARGET_MISSING", message: expect.stringContaining("may not be created") });
    expect(await scratch.index(year(2020))).toBeNull();
    // A delete in an index that is gone has nothing left to do.
    expect((await write(sink, { id: "a", version: 3, index: year(2020) })).outcomes).toEqual([written]);
  });

  it("replaces the whole document in UPSERT too", async () => {
    const sink = await open("upsert", { mode: "upsert" });
    await write(sink, { id: "a", version: 1, document: '{"a":1,"b":1}' });
    await write(sink, { id: "a", version: 2, document: '{"b":2}' });
    expect((await scratch.documents(scratch.name("upsert"))).get("a")?.source).toEqual({ b: 2 });
  });

  it("writes 100,000 documents through small requests, each exactly once", async () => {
    const { connection: small } = connect({ node, bulkDocuments: 500, bulkBytes: 20_000, inFlight: 3 });
    const sink = await small.openSink(targetOf(scratch.name("many")));
    const total = 100_000;
    const each = 20_000;
    const counts = { written: 0, superseded: 0, other: 0 };
    for (let from = 0; from < total; from += each) {
      // Every tenth change goes to an id that the batch has had already, with a higher version.
      const rows = Array.from({ length: each }, (_, i) => {
        const n = i % 10 === 9 ? from + i - 5 : from + i;
        return { id: `id-${n}`, version: 1000 + (i % 10), document: `{"n":${n},"v":${i % 10}}` };
      });
      for (const outcome of (await sink.write(changesOf(rows), ORIGIN, never)).outcomes) {
        if (outcome === written) counts.written++;
        else if (outcome === superseded) counts.superseded++;
        else counts.other++;
      }
    }
    expect(counts).toEqual({ written: total, superseded: 0, other: 0 });
    expect(await scratch.count(scratch.name("many"))).toBe(total * 0.9);
    const sum = await scratch.send("POST", `/${scratch.name("many")}/_search`, { size: 0, aggs: { v: { sum: { field: "v" } } } });
    // Of every ten, 0 to 8 stay but 4, which became 9.
    expect(sum.body).toMatchObject({ aggregations: { v: { value: (total / 10) * (36 - 4 + 9) } } });
    await small.close();
  });

  describe("an empty batch", () => {
    it("is written at once", async () => {
      expect((await write(await open("empty"))).outcomes).toEqual([]);
    });
  });
});
