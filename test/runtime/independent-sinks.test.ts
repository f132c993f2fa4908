import { afterEach, describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Sink } from "../../src/ports/sink.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

/** The embedded store, with a gate before each target: while it is shut, the target is unavailable. */
class Gates {
  readonly shut = new Set<string>();
  writes = 0;

  wrap(connection: Connection): Connection {
    const gates = this;
    return new Proxy(connection, {
      get(target, property) {
        if (property !== "openSink") {
          const value: unknown = Reflect.get(target, property);
          return typeof value === "function" ? value.bind(target) : value;
        }
        return async (route: Parameters<Connection["openSink"]>[0]): Promise<Sink> => gates.guard(route.name, await target.openSink(route));
      },
    });
  }

  private guard(name: string, sink: Sink): Sink {
    return {
      write: async (batch, origin, signal) => {
        this.writes++;
        if (this.shut.has(name)) throw new SluiceError("CHANGE_UNAVAILABLE", `${name} is down`);
        return sink.write(batch, origin, signal);
      },
      close: () => sink.close(),
    };
  }
}

const ROWS = 30_000;
const SETTINGS = "SET 'max.retries' = 100000; SET 'retry.interval' = 5; SET 'commit.interval' = 1;";

describe("statements on one poll", () => {
  const gates = new Gates();
  const harness = new Harness((connection) => gates.wrap(connection));
  afterEach(() => harness.dispose());

  it("are not held up by one whose target is down; it catches up from its own cursor", async () => {
    const records = Array.from({ length: ROWS }, (_, n) => record({ n, text: "x".repeat(200) }));
    gates.shut.add("dead");
    const sql = `${SETTINGS} INSERT INTO alive SELECT n FROM t; INSERT INTO dead SELECT n, text FROM t;`;
    await harness.append("t", []);
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    const written = (index: number): number => {
      const last = messages.findLast((message) => message.kind === "progress");
      return last?.kind === "progress" ? (last.statements[index]?.counters.written ?? 0) : 0;
    };
    for (let part = 0; part < 10; part++) await harness.append("t", records.slice(part * 3000, (part + 1) * 3000));
    await until(() => written(0) === ROWS, "the living target to have everything");
    expect(written(1)).toBe(0);
    gates.shut.clear();
    await until(() => written(1) === ROWS, "the other one to catch up");
    handle.stop(10_000);
    const { statements } = await ended;
    expect(await harness.table("dead")).toHaveLength(ROWS);
    expect(statements.map(({ counters }) => [counters.in, counters.applied, counters.written])).toEqual([
      [ROWS, ROWS, ROWS],
      [ROWS, ROWS, ROWS],
    ]);
  });

  it("fail alone when a target stays away longer than max.retries", async () => {
    await harness.append("u", [record({ n: 1 }), record({ n: 2 })]);
    gates.shut.add("gone");
    const sql = "SET 'max.retries' = 2; SET 'retry.interval' = 1; INSERT INTO here SELECT n FROM u; INSERT INTO gone SELECT n FROM u;";
    const { statements, messages } = await harness.run("q", sql);
    expect(messages.filter((message) => message.kind === "trouble")).toHaveLength(2);
    expect(messages.find((message) => message.kind === "statement-failed")).toMatchObject({
      error: { code: "CHANGE_UNAVAILABLE", statement: "gone#1" },
    });
    expect(statements.map(({ state, counters }) => [state, counters.written])).toEqual([
      ["finished", 2],
      ["failed", 0],
    ]);
    gates.shut.clear();
    const again = await harness.run("q", sql);
    expect(again.statements.map(({ state, counters }) => [state, counters.written])).toEqual([
      ["finished", 2],
      ["finished", 2],
    ]);
  });
});
