import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import { LIMITS } from "../../src/limits.ts";
import { type ChangeBatch, idOf } from "../../src/model/change.ts";
import type { NameRule } from "../../src/model/target-name.ts";
import type { StatementPlan } from "../../src/plan/pipeline-plan.ts";
import { Outcome, type RouteTarget, type Sink } from "../../src/ports/sink.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { NamedSinks } from "../../src/runtime/routes/named-sinks.ts";
import { NamedTargets } from "../../src/runtime/routes/named-targets.ts";
import { batchOf, ORIGIN, routeTo } from "../conformance/changes.ts";
import { Harness } from "./harness.ts";

let harness: Harness;

beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.dispose());

const record = (value: unknown, more: Partial<RawRecord> = {}): RawRecord => ({
  key: null,
  value: value === null ? null : Buffer.from(JSON.stringify(value)),
  timestampMs: 1_767_225_600_000,
  ...more,
});

const DEAD = "SET 'error.policy' = 'noop'; SET 'dead.letters' = 'dead';";

describe("targets that records name", () => {
  it("take the rows that name them: by the value", async () => {
    const sites = ["berlin", "paris", "berlin", "rome"];
    await harness.append(
      "readings",
      sites.map((site, n) => record({ site, n })),
    );
    const { last, statements } = await harness.run("p", "INSERT INTO _value.site SELECT n FROM readings");
    expect(last.kind).toBe("done");
    expect(statements[0]?.counters).toMatchObject({ in: 4, applied: 4, written: 4 });
    expect(await harness.table("berlin")).toEqual([{ n: 0 }, { n: 2 }]);
    expect(await harness.table("paris")).toEqual([{ n: 1 }]);
    expect(await harness.table("rome")).toEqual([{ n: 3 }]);
    expect(await harness.table("_value.site")).toEqual([]);
  });

  it.each([
    ["INSERT INTO _key SELECT * FROM t", { key: Buffer.from("there") }],
    ["INSERT INTO _key.of.site SELECT * FROM t", { key: Buffer.from('{"of":{"site":"there"}}') }],
    ["INSERT INTO _value.of.site SELECT * FROM t", {}],
    ["INSERT INTO embedded._value.of.site SELECT * FROM t", {}],
    ["INSERT INTO _header.tenant SELECT * FROM t", { headers: [["tenant", Buffer.from("there")]] }],
    ["INSERT INTO `_header.'x.tenant.id'` SELECT * FROM t", { headers: [["x.tenant.id", Buffer.from("there")]] }],
    ["INSERT INTO embedded.`_header.'x.tenant.id'` SELECT * FROM t", { headers: [["x.tenant.id", Buffer.from("there")]] }],
    ["INSERT INTO x SELECT * FROM t WITHTARGET = of.site", {}],
    ["INSERT INTO x SELECT * FROM t WITHTARGET = `of`.'a.b'", {}],
    ["INSERT INTO x SELECT * FROM t WITHTARGET = _header.tenant", { headers: [["tenant", Buffer.from("there")]] }],
  ] satisfies [string, Partial<RawRecord>][])("%s", async (sql, more) => {
    const value = { of: { site: "there", "a.b": "there" } };
    await harness.append("t", [record(value, more)]);
    const { last } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    expect(await harness.table("there")).toEqual([value]);
  });

  it("are for groups what the group is grouped by", async () => {
    const sites = ["a", "b", "a"];
    await harness.append(
      "t",
      sites.map((site) => record({ site })),
    );
    const { last } = await harness.run("p", "INSERT INTO _value.site SELECT site, COUNT(*) AS n FROM t GROUP BY site");
    expect(last.kind).toBe("done");
    expect(await harness.table("a")).toEqual([{ site: "a", n: 2 }]);
    expect(await harness.table("b")).toEqual([{ site: "b", n: 1 }]);
  });

  it("are refused row by row: none, and names that cannot be", async () => {
    const values = [{ n: 0 }, { site: null, n: 1 }, { site: "good", n: 2 }, { site: "a b", n: 3 }, { site: {}, n: 4 }, { site: 7, n: 5 }];
    await harness.append(
      "t",
      values.map((value) => record(value)),
    );
    const { statements } = await harness.run("p", `${DEAD} INSERT INTO _value.site SELECT n FROM t`);
    expect(statements[0]?.counters).toMatchObject({ in: 6, applied: 2, deadLettered: 4 });
    expect(await harness.table("good")).toEqual([{ n: 2 }]);
    expect(await harness.table("7")).toEqual([{ n: 5 }]);
    const dead = (await harness.table("dead")) as { offset: number; code: string; error: string }[];
    expect(dead.map(({ offset, code }) => [offset, code])).toEqual([0, 1, 3, 4].map((offset) => [offset, "RECORD_TARGET"]));
    expect(dead[0]?.error).toContain("_value.site: is null");
    expect(dead[2]?.error).toContain("'a b' names no target: a table name has letters");
  });

  it("stop the statement under the policy throw", async () => {
    await harness.append("t", [record({ site: "a" }), record({ site: "b c" })]);
    const { messages } = await harness.run("p", "INSERT INTO _value.site SELECT * FROM t");
    const failed = messages.find((message) => message.kind === "statement-failed");
    expect(failed?.error).toMatchObject({ code: "RECORD_TARGET", offset: 1 });
    expect(await harness.table("a")).toEqual([{ site: "a" }]);
  });

  it("are so many at most", async () => {
    const { namedTargetsMax } = LIMITS;
    await harness.append(
      "t",
      Array.from({ length: namedTargetsMax + 2 }, (_, n) => record({ site: `s${n}` })),
    );
    const { statements } = await harness.run("p", `${DEAD} INSERT INTO _value.site SELECT * FROM t`);
    expect(statements[0]?.counters).toMatchObject({ applied: namedTargetsMax, deadLettered: 2 });
    const dead = (await harness.table("dead")) as { error: string }[];
    expect(dead.at(-1)?.error).toContain("(namedTargetsMax)");
  });

  it("delete where the key names them, and are an error where the value would have to", async () => {
    await harness.append("t", [record({ n: 1 }, { key: Buffer.from("a") }), record(null, { key: Buffer.from("a") })]);
    const { statements } = await harness.run("p", "INSERT INTO _key SELECT * FROM t PK _key");
    expect(statements[0]?.counters).toMatchObject({ applied: 2, written: 1 });
    expect(await harness.table("a")).toEqual([]);
    const other = await harness.run("q", `${DEAD} INSERT INTO _value.site SELECT * FROM t PK _key`);
    expect(other.statements[0]?.counters).toMatchObject({ deadLettered: 2 });
  });
});

describe("names of such targets", () => {
  const DAY_MS = 86_400_000;
  const NEW_YEAR_MS = 1_767_225_600_000;
  const namesOf = (rule: NameRule, suffix: string | null, kind = "index", keyspace?: string): NamedTargets => {
    const statement = { targetName: { expr: null, text: "_value.site", rule, keyspace }, source: { connection: "kafka", topic: "own" } };
    const plan = { statement, route: { connection: "kafka", kind, suffix } } as unknown as StatementPlan;
    return must(NamedTargets.of(plan));
  };

  it("carry the date of the row behind them", () => {
    const names = namesOf("index", "_{yyyy-MM-dd}");
    const asked = [0, DAY_MS, 0].map((later) => [names.at("a", NEW_YEAR_MS + later).name, names.at("b", NEW_YEAR_MS + later).name]);
    expect(asked.flat()).toEqual(["a_2026-01-01", "b_2026-01-01", "a_2026-01-02", "b_2026-01-02", "a_2026-01-01", "b_2026-01-01"]);
  });

  it("are checked by the rules of their system, with the date", () => {
    expect(namesOf("index", null).at("Berlin", 0).problem).toContain("lower case");
    expect(namesOf("index", "_{yyyy}").at("x".repeat(252), 0).problem).toContain("at most 255 bytes");
    expect(namesOf("cassandra table", null).at("berlin", 0).problem).toContain("keyspace.table");
    expect(namesOf("cassandra table", null).at("iot.berlin", 0).problem).toBeNull();
  });

  it("are those of the connection's keyspace where they have none", () => {
    const names = namesOf("cassandra table", "_{yyyy}", "table", "iot");
    expect(names.at("berlin", NEW_YEAR_MS)).toEqual({ name: "iot.berlin_2026", problem: null });
    expect(names.at("other.berlin", NEW_YEAR_MS)).toEqual({ name: "other.berlin_2026", problem: null });
    expect(names.at("1m", 0).problem).toContain("begins with a letter");
  });

  it("are not the topic that is read", () => {
    expect(namesOf("topic", null, "topic").at("own", 0).problem).toContain("it is the topic that the statement reads");
    expect(namesOf("topic", null, "topic").at("other", 0)).toEqual({ name: "other", problem: null });
  });
});

describe("the sink of such targets", () => {
  /** Opens what it is asked for, and says who wrote what. */
  const sinksOf = (spreads: boolean, refused: readonly string[] = []) => {
    const opened: string[] = [];
    const written: string[] = [];
    const open = async (target: RouteTarget): Promise<Sink> => {
      opened.push(target.name);
      if (refused.includes(target.name)) throw new SluiceError("TARGET_MISSING", `no ${target.name}`);
      const write = async (batch: ChangeBatch) => {
        written.push(
          `${target.name}: ${Array.from({ length: batch.count }, (_, row) => `${batch.targets?.[row] ?? "-"}/${idOf(batch, row)}`)}`,
        );
        return { outcomes: new Uint8Array(batch.count), errors: new Map(), retryAfterMs: null };
      };
      return { spreads, write, close: async () => undefined };
    };
    return { sinks: new NamedSinks(routeTo("x", "index", "_value.site", { suffix: "_{yyyy}" }), open), opened, written };
  };
  const batch = () => batchOf(["a", "b", "a", "c"].map((target, n) => ({ upsert: { id: `${n}` }, version: n, target })));

  it("gives each target its own rows", async () => {
    const { sinks, opened, written } = sinksOf(false);
    await sinks.write(batch(), ORIGIN, new AbortController().signal);
    await sinks.write(batch(), ORIGIN, new AbortController().signal);
    expect(opened).toEqual(["a", "b", "c"]);
    expect(written.slice(0, 3)).toEqual(["a: -/0,-/2", "b: -/1", "c: -/3"]);
  });

  it("sends all at once where one sink takes changes for any", async () => {
    const { sinks, opened, written } = sinksOf(true);
    await sinks.write(batch(), ORIGIN, new AbortController().signal);
    expect(opened).toEqual(["a", "b", "c"]);
    expect(written).toEqual(["a: a/0,b/1,a/2,c/3"]);
  });

  it.each([true, false])("refuses what goes to a target that cannot be opened, and tries it again (spreads: %s)", async (spreads) => {
    const { sinks, opened, written } = sinksOf(spreads, ["a"]);
    const { outcomes, errors } = await sinks.write(batch(), ORIGIN, new AbortController().signal);
    expect([...outcomes]).toEqual([Outcome.rejected, Outcome.written, Outcome.rejected, Outcome.written]);
    expect(errors.get(2)).toEqual({ code: "TARGET_MISSING", message: "no a" });
    expect(written).toEqual(spreads ? ["b: b/1,c/3"] : ["b: -/1", "c: -/3"]);
    await sinks.write(batch(), ORIGIN, new AbortController().signal);
    expect(opened).toEqual(["a", "b", "c", "a"]);
  });
});
