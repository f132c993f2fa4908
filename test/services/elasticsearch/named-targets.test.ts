import { afterAll, expect, it } from "vitest";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { DOUBLE } from "../../../src/model/type.ts";
import { Outcome, type RouteTarget } from "../../../src/ports/sink.ts";
import { NamedSinks } from "../../../src/runtime/routes/named-sinks.ts";
import { changesOf, connect, ORIGIN, type Row, targetOf } from "../../adapters/elasticsearch/support.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const NEVER = new AbortController().signal;

describeWith("elasticsearch", "indexes that records name, and ingest pipelines", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection } = connect({ node });
  const pipeline = scratch.name("pipeline");

  afterAll(async () => {
    await connection.close();
    await scratch.send("DELETE", `/_ingest/pipeline/${pipeline}`);
    await scratch.clean();
  });

  const named = (options: Partial<RouteTarget> = {}) => {
    const target = targetOf("_value.site", {
      columns: [{ name: "temp", type: DOUBLE }],
      ...options,
      options: { ...NO_OPTIONS, dynamic: true, ...options.options },
    });
    return new NamedSinks(target, (one) => connection.openSink(one));
  };

  it.each([true, false])("are made with the statement's columns when they are first named (autocreate: %s)", async (autocreate) => {
    const sites = ["berlin", "paris", "rome"].map((site) => scratch.name(`${site}-${autocreate}`));
    const rows = Array.from(
      { length: 300 },
      (_, n): Row => ({ id: `${n}`, version: 1000 + n, document: '{"temp":21}', index: sites[n % 3] ?? "" }),
    );
    const { outcomes } = await named({ autocreate }).write(changesOf(rows), ORIGIN, NEVER);
    expect(outcomes.every((outcome) => outcome === Outcome.written)).toBe(true);
    for (const site of sites) {
      expect(await scratch.count(site)).toBe(100);
      const index = await scratch.index(site);
      expect(index).toMatchObject({ mappings: { properties: { temp: { type: "double" } } }, settings: { "index.gc_deletes": "1h" } });
      expect((await scratch.send("GET", `/_index_template/sluice-${site}`)).status).toBe(404);
    }
  });

  it("refuse their own rows where their mapping does not fit, and no others", async () => {
    const [good, bad] = [scratch.name("good"), scratch.name("bad")];
    await scratch.send("PUT", `/${bad}`, { mappings: { properties: { temp: { type: "boolean" } } } });
    const rows = [good, bad, good].map((index, n): Row => ({ id: `${n}`, version: 1000 + n, document: '{"temp":21}', index }));
    const { outcomes, errors } = await named().write(changesOf(rows), ORIGIN, NEVER);
    expect([...outcomes]).toEqual([Outcome.written, Outcome.rejected, Outcome.written]);
    expect(errors.get(1)?.code).toBe("TARGET_MISMATCH");
    expect([await scratch.count(good), await scratch.count(bad)]).toEqual([2, 0]);
  });

  it("documents go through the ingest pipeline, deletes do not", async () => {
    const path = `/_ingest/pipeline/${pipeline}`;
    expect((await scratch.send("PUT", path, { processors: [] })).status).toBe(200);
    const open = (ingestPipeline: string | null) =>
      connection.openSink(targetOf(scratch.name("piped"), { options: { ...NO_OPTIONS, ingestPipeline } }));
    const rows = (version: number): Row[] =>
      [21, 22].map((temp, n) => ({ id: `${n}`, version: version + n, document: `{"temp":${temp}}` }));
    const sink = await open(pipeline);
    expect([...(await sink.write(changesOf(rows(1000)), ORIGIN, NEVER)).outcomes]).toEqual([Outcome.written, Outcome.written]);
    expect((await scratch.documents(scratch.name("piped"))).get("1")).toMatchObject({ version: 1001, source: { temp: 22 } });
    // Processors are modules that not every installation has; that the server misses the pipeline shows that it is asked for.
    await scratch.send("DELETE", path);
    const { outcomes, errors } = await sink.write(changesOf([...rows(2000), { id: "0", version: 3000 }]), ORIGIN, NEVER);
    expect([...outcomes]).toEqual([Outcome.rejected, Outcome.rejected, Outcome.written]);
    expect(errors.get(0)?.message).toContain(`pipeline with id [${pipeline}] does not exist`);
    const plain = await open(null);
    expect([...(await plain.write(changesOf(rows(4000)), ORIGIN, NEVER)).outcomes]).toEqual([Outcome.written, Outcome.written]);
  });

  it("a pipeline that is missing is said before anything is written", async () => {
    const target = targetOf(scratch.name("unpiped"), { options: { ...NO_OPTIONS, ingestPipeline: scratch.name("nothing") } });
    await expect(connection.openSink(target)).rejects.toMatchObject({
      code: "TARGET_MISSING",
      message: expect.stringContaining("no ingest pipeline"),
    });
  });
});
