import { afterAll, expect, it } from "vitest";
import { ANY, BIGINT, DOUBLE, STRING, TIMESTAMP } from "../../../src/model/type.ts";
import type { RouteTarget } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, targetOf } from "../../adapters/elasticsearch/support.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const COLUMNS: RouteTarget["columns"] = [
  { name: "deviceId", type: STRING },
  { name: "avg_temp", type: DOUBLE },
  { name: "readings", type: BIGINT },
  { name: "window_start", type: TIMESTAMP },
  { name: "extra", type: ANY },
];

const PROPERTIES = {
  deviceId: { type: "keyword", ignore_above: 8191 },
  avg_temp: { type: "double" },
  readings: { type: "long" },
  window_start: { type: "date" },
};

describeWith("elasticsearch", "Elasticsearch target", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection, troubles } = connect({ node });
  const open = (name: string, options: Partial<RouteTarget> = {}) =>
    connection.openSink(targetOf(scratch.name(name), { columns: COLUMNS, ...options }));
  const template = async (name: string): Promise<unknown> => {
    const path = `/_index_template/sluice-${scratch.name(name)}?flat_settings=true`;
    const { body } = await scratch.send("GET", path);
    return (body as { index_templates?: { index_template: unknown }[] }).index_templates?.[0]?.index_template;
  };
  const writeOne = async (name: string, options: Partial<RouteTarget>, document: string, index?: string) => {
    const sink = await open(name, options);
    const row = { id: "a", version: 1, document };
    return sink.write(changesOf([index === undefined ? row : { ...row, index }]), ORIGIN, new AbortController().signal);
  };

  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  it("AUTOCREATE makes the index and its template", async () => {
    await open("auto", { autocreate: true });
    const index = await scratch.index(scratch.name("auto"));
    expect(index).toMatchObject({ mappings: { _meta: { managed_by: "sluice" }, properties: PROPERTIES } });
    expect(index).toMatchObject({ settings: { "index.gc_deletes": "1h" } });
    expect(await template("auto")).toMatchObject({
      index_patterns: [scratch.name("auto")],
      allow_auto_create: true,
      _meta: { managed_by: "sluice" },
      template: { settings: { "index.gc_deletes": "1h" }, mappings: { properties: PROPERTIES } },
    });
    await open("auto", { autocreate: true });
  });

  it("a dated target gets a template, and its indexes are made by their first document", async () => {
    await writeOne("daily", { suffix: "_{yyyy-MM-dd}" }, '{"avg_temp":21,"extra":true}', scratch.name("daily_2026-11-21"));
    expect(await template("daily")).toMatchObject({ index_patterns: [scratch.name("daily_*")], allow_auto_create: true });
    const index = await scratch.index(scratch.name("daily_2026-11-21"));
    expect(index).toMatchObject({ mappings: { properties: { ...PROPERTIES, extra: { type: "boolean" } } } });
    expect(index).toMatchObject({ settings: { "index.gc_deletes": "1h" } });
    expect(await scratch.index(scratch.name("daily"))).toBeNull();
  });

  it("a missing index without AUTOCREATE appears with its first document, with the statement's columns", async () => {
    await open("plain");
    expect(await scratch.index(scratch.name("plain"))).toBeNull();
    await writeOne("plain", {}, '{"avg_temp":21}');
    const index = await scratch.index(scratch.name("plain"));
    expect(index).toMatchObject({ mappings: { properties: PROPERTIES }, settings: { "index.gc_deletes": "1h" } });
  });

  it("templates of targets whose names begin alike do not get into each other's way", async () => {
    await open("temps", { suffix: "_{yyyy}", columns: [{ name: "x", type: STRING }] });
    await open("temps_1m", { suffix: "_{yyyy}", columns: [{ name: "x", type: BIGINT }] });
    await open("temps_all", { autocreate: true, columns: [{ name: "x", type: DOUBLE }] });
    await writeOne("temps_1m", { suffix: "_{yyyy}", columns: [{ name: "x", type: BIGINT }] }, "{}", scratch.name("temps_1m_2026"));
    await writeOne("temps", { suffix: "_{yyyy}", columns: [{ name: "x", type: STRING }] }, "{}", scratch.name("temps_2026"));
    const typeIn = async (index: string) => (await scratch.index(scratch.name(index)))?.["mappings"]?.["properties"]?.["x"]?.["type"];
    expect(await typeIn("temps_1m_2026")).toBe("long");
    expect(await typeIn("temps_2026")).toBe("keyword");
    expect(await typeIn("temps_all")).toBe("double");
  });

  it("two statements with one target add their columns to the template and to the index", async () => {
    await open("shared", { autocreate: true, columns: [{ name: "a", type: DOUBLE }] });
    await open("shared", { autocreate: true, columns: [{ name: "b", type: STRING }] });
    const properties = { a: { type: "double" }, b: { type: "keyword" } };
    expect(await scratch.index(scratch.name("shared"))).toMatchObject({ mappings: { properties } });
    await open("both", { suffix: "_{yyyy}", columns: [{ name: "a", type: DOUBLE }] });
    await open("both", { suffix: "_{yyyy}", columns: [{ name: "b", type: STRING }] });
    expect(await template("both")).toMatchObject({ template: { mappings: { properties } } });
  });

  it("an index of somebody else is used as it is", async () => {
    const name = scratch.name("theirs");
    await scratch.send("PUT", `/${name}`, { mappings: { properties: { avg_temp: { type: "float" } } } });
    const before = await scratch.index(name);
    const heard = troubles.length;
    await open("theirs", { autocreate: true });
    expect(await scratch.index(name)).toEqual(before);
    expect(await template("theirs")).toBeUndefined();
    expect(troubles.slice(heard)).toEqual([expect.stringContaining(`index "${name}" forgets deletes too early`)]);
  });

  it("refuses an index whose mapping would refuse or cut the columns", async () => {
    const name = scratch.name("misfit");
    const properties = { avg_temp: { type: "long" }, deviceId: { type: "text" }, readings: { type: "boolean" } };
    await scratch.send("PUT", `/${name}`, { mappings: { properties } });
    await expect(open("misfit")).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message:
        `index "${name}" does not fit the statement: column avg_temp is DOUBLE, but the field is mapped as long; ` +
        "column readings is BIGINT, but the field is mapped as boolean",
    });
  });

  it("an alias stands for its index", async () => {
    const name = scratch.name("behind");
    await scratch.send("PUT", `/${name}`, {
      aliases: { [scratch.name("alias")]: {} },
      mappings: { properties: { readings: { type: "ip" } } },
    });
    await writeOne("alias", {}, '{"deviceId":"d"}');
    expect(await scratch.count(name)).toBe(1);
    await scratch.send("PUT", `/${name}/_mapping`, { properties: { avg_temp: { type: "long" } } });
    await expect(open("alias")).rejects.toMatchObject({ code: "TARGET_MISMATCH", message: expect.stringContaining(`index "${name}"`) });
  });

  it("leaves templates of others alone, says so, and checks what they would make", async () => {
    const name = scratch.name("foreign");
    const mappings = { properties: { avg_temp: { type: "float" } } };
    const theirs = { index_patterns: [`${name}*`], priority: 1, template: { mappings } };
    await scratch.send("PUT", `/_index_template/${name}-rules`, theirs);
    const heard = troubles.length;
    await open("foreign", { suffix: "_{yyyy}" });
    expect(await template("foreign")).toBeUndefined();
    expect(troubles.slice(heard)).toEqual([expect.stringContaining(`index template "${name}-rules" covers ${name}`)]);

    const narrow = { ...theirs, template: { mappings: { properties: { avg_temp: { type: "short" } } } } };
    await scratch.send("PUT", `/_index_template/${name}-rules`, narrow);
    const misfit = { code: "TARGET_MISMATCH", message: expect.stringContaining("mapped as short") };
    await expect(open("foreign", { suffix: "_{yyyy}" })).rejects.toMatchObject(misfit);

    // Made explicitly, the index has both: their template and our columns.
    await scratch.send("PUT", `/_index_template/${name}-rules`, { ...theirs, template: { settings: { number_of_replicas: 0 } } });
    await open("foreign", { autocreate: true });
    expect(await scratch.index(name)).toMatchObject({
      settings: { "index.number_of_replicas": "0", "index.gc_deletes": "1h" },
      mappings: { properties: PROPERTIES },
    });
  });

  it("leaves a template alone that only has the name that ours would have", async () => {
    const path = `/_index_template/sluice-${scratch.name("named")}`;
    await scratch.send("PUT", path, { index_patterns: [scratch.name("other")], priority: 7 });
    await open("named");
    expect(await template("named")).toMatchObject({ priority: 7 });
  });

  it("raises gc_deletes of its own index where somebody lowered it", async () => {
    await open("lowered", { autocreate: true });
    await scratch.send("PUT", `/${scratch.name("lowered")}/_settings`, { "index.gc_deletes": "60s" });
    await open("lowered");
    expect(await scratch.index(scratch.name("lowered"))).toMatchObject({ settings: { "index.gc_deletes": "1h" } });
  });

  it("refuses illegal names and TTL", async () => {
    await expect(open("Upper")).rejects.toMatchObject({ code: "TARGET_MISMATCH", message: expect.stringContaining("capital letters") });
    await expect(open("ttl", { ttlSeconds: 60 })).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
  });

  it("says TARGET_MISSING where the cluster creates no indexes by itself", async () => {
    const rule = (value: string | null) => scratch.send("PUT", "/_cluster/settings", { persistent: { "action.auto_create_index": value } });
    try {
      await rule(`-${scratch.name("missing")}*,*`);
      await expect(open("missing")).rejects.toMatchObject({ code: "TARGET_MISSING", hint: expect.stringContaining("Add AUTOCREATE") });
      await open("present");
      const result = await writeOne("missing_but_dated", { suffix: "_{yyyy}" }, "{}", scratch.name("missing_but_dated_2026"));
      expect([...result.outcomes]).toEqual([0]);
      await open("missing", { autocreate: true });
      await open("missing");
    } finally {
      await rule(null);
    }
  });
});
