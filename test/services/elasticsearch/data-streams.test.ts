import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { BIGINT, INT, STRING, TIMESTAMP } from "../../../src/model/type.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { Outcome, type RouteTarget } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, type Row, targetOf } from "../../adapters/elasticsearch/support.ts";
import { ensure, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

/** A server of this test's own: the published jars cannot delete data streams. */
const INSTANCE = "elasticsearch-streams";
const NEVER = new AbortController().signal;

const COLUMNS: RouteTarget["columns"] = [
  { name: "@timestamp", type: TIMESTAMP },
  { name: "device", type: STRING },
  { name: "n", type: INT },
];
const options = { ...NO_OPTIONS, dataStream: true };

describeWith("elasticsearch", "data streams", () => {
  let scratch: Scratch;
  let connection: Connection;

  beforeAll(async () => {
    const node = `http://${(await ensure("elasticsearch", { instance: INSTANCE })).address}`;
    scratch = new Scratch(node);
    ({ connection } = connect({ node }));
  });
  afterAll(async () => {
    await connection.close();
    await wipe("elasticsearch", INSTANCE);
  });

  const target = (name: string, more: Partial<RouteTarget> = {}): RouteTarget =>
    targetOf(name, { columns: COLUMNS, options, autocreate: true, ...more });
  const row = (n: number, document = `{"@timestamp":"2026-01-01T00:00:0${n}Z","device":"d${n}","n":${n}}`): Row => ({
    id: `t-0-${n}`,
    version: 1000 + n,
    document,
  });
  const write = async (to: RouteTarget, ...rows: readonly Row[]) => {
    const sink = await connection.openSink(to);
    const { outcomes, errors } = await sink.write(changesOf(rows), ORIGIN, NEVER);
    return [...outcomes].map((outcome, at) => errors.get(at)?.message ?? outcome);
  };

  it("are made by their first row, with the statement's columns, and take each row once", async () => {
    const readings = target("readings");
    expect(await write(readings, row(1), row(2))).toEqual([Outcome.written, Outcome.written]);
    expect(await write(readings, row(2), row(3))).toEqual([Outcome.superseded, Outcome.written]);
    const { body } = await scratch.send("GET", "/readings");
    expect(Object.values(body)).toEqual([
      expect.objectContaining({
        data_stream: "readings",
        mappings: expect.objectContaining({
          properties: { "@timestamp": { type: "date" }, device: { type: "keyword", ignore_above: 8191 }, n: { type: "long" } },
        }),
      }),
    ]);
    expect([...(await scratch.documents("readings")).keys()].sort()).toEqual(["t-0-1", "t-0-2", "t-0-3"]);
    expect(await write(readings, row(4, '{"device":"d4","n":4}'), row(5))).toEqual([
      expect.stringContaining("data stream timestamp field [@timestamp] is missing"),
      Outcome.written,
    ]);
  });

  it("of somebody else are used as they are, and checked", async () => {
    const template = { mappings: { properties: { n: { type: "long" } } } };
    await scratch.send("PUT", "/_index_template/theirs", { index_patterns: ["theirs*"], priority: 9000, data_stream: {}, template });
    expect(await write(target("theirs"), row(1))).toEqual([Outcome.written]);
    expect(await write(target("theirs", { autocreate: false }), row(1), row(2))).toEqual([Outcome.superseded, Outcome.written]);
    const names = await scratch.send("GET", "/_index_template?filter_path=index_templates.name");
    expect(JSON.stringify(names.body)).not.toContain("sluice-theirs");
    const text = [...COLUMNS.slice(0, 2), { name: "n", type: STRING }];
    await expect(write(target("theirs", { columns: text }), row(3))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining('of the data stream "theirs" does not fit the statement'),
    });
    expect(await connection.checkTarget(target("theirs", { columns: text }))).toMatchObject([{ severity: "error", column: "n" }]);
    expect(await connection.checkTarget(target("theirs"))).toEqual([]);
  });

  it("and indexes are not taken for each other", async () => {
    await write(target("stream"), row(1));
    const plain = target("stream", { options: NO_OPTIONS });
    const isStream = { code: "TARGET_MISMATCH", message: expect.stringContaining('"stream" is a data stream') };
    await expect(write(plain, row(2))).rejects.toMatchObject(isStream);
    expect(await connection.checkTarget(plain)).toMatchObject([{ severity: "error", hint: expect.stringContaining("'data.stream'") }]);
    await write(target("index", { columns: [{ name: "n", type: BIGINT }], options: NO_OPTIONS }), row(1));
    await expect(write(target("index"), row(2))).rejects.toMatchObject({ message: '"index" is an index, and no data stream' });
    expect(await connection.checkTarget(target("index"))).toMatchObject([{ message: '"index" is an index, and no data stream' }]);
    await scratch.send("PUT", "/_index_template/plainly", { index_patterns: ["covered"], priority: 9000 });
    await expect(write(target("covered"), row(1))).rejects.toMatchObject({
      message: 'index template "plainly" covers "covered" and makes no data streams',
    });
  });
});
