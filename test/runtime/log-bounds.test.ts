import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { withParts } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const TWO = "CREATE STREAM s (k STRING) WITH (key = 'k'); CREATE STREAM s2 (k STRING) WITH (key = 'k');";
const JOIN = `${TWO} INSERT INTO both SELECT l.k FROM s AS l JOIN s2 AS r WITHIN 1 MINUTE ON l.k = r.k;`;

describe("a source that does not say what there is", () => {
  /** How often it will not. */
  let refusals = 0;
  const wrap = (connection: Connection): Connection => {
    const source = must(connection.source);
    const bounds: typeof source.bounds = async (topic, partition) => {
      if (refusals-- > 0) throw new SluiceError("CONNECTION_FAILED", "the broker does not answer");
      return source.bounds(topic, partition);
    };
    return withParts(connection, { source: withParts(source, { bounds }) });
  };
  const harness = new Harness(wrap);
  afterEach(() => {
    refusals = 0;
    harness.dispose();
  });

  it.each([
    ["one topic", "CREATE STREAM s (k STRING) WITH (key = 'k'); INSERT INTO both SELECT k FROM s;"],
    ["two", JOIN],
  ])("is asked again, and the statement that reads %s runs", async (_what, sql) => {
    await harness.append("s", [record({ k: "a" }, { key: "a" })]);
    await harness.append("s2", [record({ k: "a" }, { key: "a" })]);
    refusals = 2;
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    await until(async () => (await harness.table("both")).length === 1, "the row to be written");
    handle.stop(1000);
    const { statements } = await ended;
    expect(statements[0]).toMatchObject({ state: "stopped" });
    expect(messages.filter(({ kind }) => kind === "trouble").length).toBeGreaterThan(0);
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toEqual([]);
  });

  it("is not waited for once the pipeline stops, nor in a bounded run", async () => {
    await harness.append("s", [record({ k: "a" }, { key: "a" })]);
    await harness.append("s2", []);
    refusals = Number.POSITIVE_INFINITY;
    const { handle, messages, ended } = harness.start("p", JOIN, { until: "follow" });
    await until(() => messages.some(({ kind }) => kind === "trouble"), "the source to be asked");
    handle.stop(100);
    expect((await ended).last.kind).toBe("done");
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toEqual([]);
    const bounded = await harness.run("p", JOIN);
    const isFailed = bounded.messages.some((message) => message.kind === "statement-failed" || message.kind === "failed");
    expect(isFailed).toBe(true);
  });
});
