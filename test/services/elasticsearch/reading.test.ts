import { afterAll, expect, it } from "vitest";
import { changesOf, connect, ORIGIN, type Row, targetOf } from "../../adapters/elasticsearch/support.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const never = new AbortController().signal;

describeWith("elasticsearch", "reading indexes back", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection } = connect({ node });

  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  async function write(name: string, rows: readonly Row[], suffix: string | null = null): Promise<void> {
    const sink = await connection.openSink(targetOf(scratch.name(name), { suffix }));
    const { outcomes } = await sink.write(changesOf(rows), ORIGIN, never);
    expect([...outcomes].every((outcome) => outcome === 0)).toBe(true);
  }

  /** Key → value, and that offsets rise by one. */
  async function read(name: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    let expected = 0;
    for await (const slices of connection.readTable(scratch.name(name), never) ?? []) {
      expect(slices.topic).toBe(scratch.name(name));
      for (let row = 0; row < slices.count; row++) {
        expect(slices.offsets[row]).toBe(expected++);
        const key = slices.bytes.toString("utf8", slices.keyStarts[row], slices.keyEnds[row]);
        found.set(key, slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row]));
      }
      expect(slices.nextOffset).toBe(expected);
    }
    expect(found.size).toBe(expected);
    return found;
  }

  it("gives every document byte for byte, right after it was written", async () => {
    const document = '{ "a" : 1.50, "big":9007199254740993, "s":"\\u00e9\\n]}", "n":{"_source":{}} }';
    await write("exact", [
      { id: 'é"\\', version: 1, document },
      { id: "b", version: 1, document: "{}" },
    ]);
    expect(await read("exact")).toEqual(
      new Map([
        ['é"\\', document],
        ["b", "{}"],
      ]),
    );
  });

  it("reads on over many pages", async () => {
    const rows = Array.from({ length: 25_000 }, (_, i) => ({ id: `id-${i}`, version: 1, document: `{"n":${i}}` }));
    await write("pages", rows);
    expect(await read("pages")).toEqual(new Map(rows.map((row) => [row.id, row.document])));
  });

  it("reads the dated indexes of a target under the target's name, and no other target's", async () => {
    const suffix = "_{yyyy-MM-dd}";
    const row = (id: string, index: string): Row => ({ id, version: 1, document: "{}", index: scratch.name(index) });
    await write("family", [row("a", "family_2026-11-20"), row("b", "family_2026-11-21")], suffix);
    await write("family_1m", [row("c", "family_1m_2026-11-21")], suffix);
    expect([...(await read("family")).keys()].toSorted()).toEqual(["a", "b"]);
    expect([...(await read("family_1m")).keys()]).toEqual(["c"]);
    expect([...(await read("family*")).keys()].toSorted()).toEqual(["a", "b", "c"]);
    await scratch.send("POST", `/${scratch.name("family_2026-11-20")}/_close`);
    expect([...(await read("family")).keys()]).toEqual(["b"]);
  });

  it("an index of that very name comes before dated ones; an empty one gives nothing", async () => {
    await scratch.send("PUT", `/${scratch.name("family")}`);
    expect(await read("family")).toEqual(new Map());
  });

  it("says what is missing", async () => {
    await expect(read("nothing")).rejects.toMatchObject({ code: "TARGET_MISSING", message: expect.stringContaining("nothing") });
    await expect(read("nothing*")).rejects.toMatchObject({ code: "TARGET_MISSING" });
  });

  it("stops when it is told to", async () => {
    const stopping = new AbortController();
    const iterator = connection.readTable(scratch.name("pages"), stopping.signal)?.[Symbol.asyncIterator]();
    expect(await iterator?.next()).toMatchObject({ done: false });
    stopping.abort();
    await expect(iterator?.next()).rejects.toMatchObject({ code: "STOPPED" });
  });

  it("gives its point in time back, also when the reader goes early", async () => {
    const open = async () => {
      const { body } = await scratch.send("GET", "/_nodes/stats/indices/search?filter_path=nodes.*.indices.search.open_contexts");
      const nodes = (body as { nodes?: Record<string, { indices: { search: { open_contexts: number } } }> }).nodes ?? {};
      return Object.values(nodes).reduce((sum, entry) => sum + entry.indices.search.open_contexts, 0);
    };
    const before = await open();
    for await (const slices of connection.readTable(scratch.name("pages"), never) ?? []) {
      expect(slices.count).toBeGreaterThan(0);
      break;
    }
    await expect.poll(open, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });

  it("lists indexes", async () => {
    await scratch.send("PUT", `/.${scratch.name("hidden")}`, { settings: { "index.hidden": true } });
    const relations = await connection.listRelations();
    expect(relations).toContainEqual({ name: scratch.name("exact"), kind: "index" });
    expect(relations.filter(({ name }) => name.startsWith("."))).toEqual([]);
    await scratch.send("DELETE", `/.${scratch.name("hidden")}`);
  });

  it("diagnoses the server and the indexes that Sluice made", async () => {
    const lowered = scratch.name("lowered");
    await connection.openSink(targetOf(lowered, { autocreate: true }));
    await scratch.send("PUT", `/${lowered}/_settings`, {
      "index.gc_deletes": "60s",
      "index.blocks.write": true,
      "index.translog.durability": "async",
    });
    const findings = await connection.diagnose();
    expect(findings[0]).toMatchObject({ check: "server", ok: true, detail: expect.stringMatching(/version [89]\.\d+/) });
    expect(findings).toContainEqual(expect.objectContaining({ check: "cluster health", ok: true }));
    expect(findings).toContainEqual({ check: "cluster blocks", ok: true, detail: "none", advice: null });
    expect(findings.find(({ check }) => check === "index templates")?.detail).toContain(`sluice-${lowered}`);
    const about = findings.filter(({ check }) => check === `index ${lowered}`);
    expect(about.map(({ ok, detail }) => [ok, detail.slice(0, 20)])).toEqual([
      [false, "gc_deletes is 60s: a"],
      [false, "is blocked: write"],
      [false, "translog.durability "],
    ]);
    for (const { advice } of about) expect(advice).toContain(`PUT ${lowered}/_settings`);
    await scratch.send("PUT", `/${lowered}/_settings`, { "index.blocks.write": null });
  });
});
