import { afterAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { FieldPath } from "../../../src/model/column-batch.ts";
import type { FoundRow, Lookup } from "../../../src/ports/lookup.ts";
import { changesOf, connect, ORIGIN, targetOf } from "../../adapters/elasticsearch/support.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const NEVER = new AbortController().signal;
const ID: FieldPath = { root: "key", path: [] };

describeWith("elasticsearch", "documents by their key", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection } = connect({ node });
  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  const field = (path: string): FieldPath => ({ root: "value", path: path === "" ? [] : path.split(".") });
  const open = (name: string, key: FieldPath, fields: readonly string[]): Promise<Lookup> =>
    must(connection.openLookup?.({ name: scratch.name(name), keys: [key], fields: fields.map(field) }));
  const seen = (rows: readonly FoundRow[]) =>
    rows.map((row) => (row === null || "problem" in row ? row : (JSON.parse(row.toString()) as unknown)));
  const write = async (name: string, documents: readonly (readonly [id: string, document: object | string])[]): Promise<void> => {
    const rows = documents.map(([id, document]) => ({
      id,
      version: 1,
      document: typeof document === "string" ? document : JSON.stringify(document),
    }));
    const { outcomes } = await (await connection.openSink(targetOf(scratch.name(name)))).write(changesOf(rows), ORIGIN, NEVER);
    expect(new Set(outcomes)).toEqual(new Set([0]));
  };
  const fill = async (name: string, mapping: object, documents: Parameters<typeof write>[1]): Promise<void> => {
    const index = scratch.name(name);
    expect((await scratch.send("PUT", `/${index}`, { mappings: { properties: mapping } })).status).toBe(200);
    if (documents.length > 0) await write(name, documents);
    await scratch.send("POST", `/${index}/_refresh`);
  };

  it("are found by their id as soon as they are written, with the fields that are read", async () => {
    await fill("ids", { room: { type: "text" } }, [
      ["a", { room: "hall", deep: { x: 1, y: 2 }, other: 1 }],
      ['é "/" x', { room: "bath" }],
      ["7", '{"deep":{"x":12345678901234567}}'],
    ]);
    const lookup = await open("ids", ID, ["room", "deep.x"]);
    const rows = await lookup.find(['"a"', '"nobody"', '"é \\"/\\" x"', "7", '"7"'], NEVER);
    expect(seen(rows.slice(0, 3))).toEqual([{ room: "hall", deep: { x: 1, y: 2 } }, null, { room: "bath" }]);
    expect(String(rows[3])).toContain("12345678901234567");
    expect(String(rows[4])).toContain("12345678901234567");
    await write("ids", [["new", { room: "attic" }]]);
    expect(seen(await lookup.find(['"new"'], NEVER))).toEqual([{ room: "attic" }]);
    const [document] = await (await open("ids", ID, ["room", ""])).find(['"7"'], NEVER);
    expect(String(document)).toBe('{"deep":{"x":12345678901234567}}');
    expect(seen(await (await open("ids", ID, [])).find(['"a"', '"b"'], NEVER))).toEqual([{}, null]);
  });

  it("are found by a field of exact values; one that stands in several documents is told", async () => {
    const mapping = {
      serial: { type: "keyword" },
      n: { type: "long" },
      ok: { type: "boolean" },
      name: { type: "text", fields: { raw: { type: "keyword" } } },
      at: { properties: { ip: { type: "ip" } } },
    };
    await fill("fields", mapping, [
      ["1", { serial: "s1", n: 1, ok: true, name: "The One", at: { ip: "10.0.0.1" } }],
      ["2", '{"serial":["s2","s3"],"n":9007199254740993,"ok":false,"name":"the one","at":{"ip":"10.0.0.2"}}'],
      ["3", { serial: "s1", n: 3, name: "Other" }],
    ]);
    /** Of each document the number by which it is known. */
    const by = async (path: string, keys: readonly string[]) => {
      const rows = await (await open("fields", field(path), ["n"])).find(keys, NEVER);
      return rows.map((row) => (row === null || "problem" in row ? row : /"n":(\d+)/.exec(row.toString())?.[1]));
    };
    const large = "9007199254740993";
    expect(await by("serial", ['"s3"', '"s2"', '"s4"'])).toEqual([large, large, null]);
    expect(await by("serial", ['"s1"'])).toEqual([{ problem: expect.stringContaining("several documents whose serial is s1") }]);
    expect(await by("n", ["3", large, "2"])).toEqual(["3", large, null]);
    expect(await by("ok", ["true", "false"])).toEqual(["1", large]);
    expect(await by("name", ['"the one"', '"The One"'])).toEqual([large, "1"]);
    const [whole] = await (await open("fields", field("n"), [""])).find([large], NEVER);
    expect(String(whole)).toContain('"serial":["s2","s3"],"n":9007199254740993');
    expect(await by("at.ip", ['"10.0.0.2"'])).toEqual([large]);
  });

  it("are all found where one value of many stands in more documents than an answer has", async () => {
    const documents = Array.from({ length: 400 }, (_, n) => [`d${n}`, { group: n < 350 ? "many" : `g${n}`, n }] as const);
    await fill("many", { group: { type: "keyword" } }, documents);
    const lookup = await open("many", field("group"), ["n"]);
    const keys = ['"many"', ...Array.from({ length: 60 }, (_, n) => `"g${n + 350}"`)];
    const [many, ...others] = seen(await lookup.find(keys, NEVER));
    expect(many).toMatchObject({ problem: expect.stringContaining("several documents") });
    expect(others).toEqual(Array.from({ length: 60 }, (_, n) => (n < 50 ? { group: `g${n + 350}`, n: n + 350 } : null)));
  });

  it("are refused where the field is analysed, or the index is not there", async () => {
    await fill("text", { name: { type: "text" }, lower: { type: "double" } }, []);
    await expect(open("text", field("name"), [])).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining("cannot be looked up by name: it is no field of exact values"),
    });
    await expect(open("text", field("lower"), [])).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    await expect(open("text", field("nothing"), [])).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    await expect(open("nowhere", field("name"), [])).rejects.toMatchObject({ code: "TARGET_MISSING" });
    await expect((await open("text", ID, [])).find(['"x"'], AbortSignal.abort())).rejects.toMatchObject({ code: "STOPPED" });
  });
});
