import { afterAll, afterEach, expect, it } from "vitest";
import { type IndexRetirement, NO_OPTIONS } from "../../../src/model/target-options.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { Outcome, type Sink } from "../../../src/ports/sink.ts";
import { changesOf, connect, ORIGIN, type Row, targetOf } from "../../adapters/elasticsearch/support.ts";
import { until } from "../../support/until.ts";
import { describeWith } from "../needs.ts";
import { Scratch } from "./scratch.ts";

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

/** Stands still until it is moved; whoever sleeps is woken then. */
class MovedClock implements Clock {
  private nowMs: number;
  private readonly sleepers = new Set<() => void>();

  constructor(text: string) {
    this.nowMs = Date.parse(text);
  }

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || ms <= 1) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  to(text: string): void {
    this.nowMs = Date.parse(text);
    for (const wake of [...this.sleepers]) wake();
  }
}

describeWith("elasticsearch", "dated indexes that are closed and deleted by their age", ({ node }) => {
  const scratch = new Scratch(node);
  const clock = new MovedClock("2026-03-01T12:00:00Z");
  const { connection, troubles } = connect({ node }, clock);
  const sinks: Sink[] = [];
  const day = (target: string, date: string): string => scratch.name(`${target}_${date}`);
  const open = async (target: string, retirement: Partial<IndexRetirement>): Promise<Sink> => {
    const options = { ...NO_OPTIONS, retirement: { closeAfterMs: 2 * DAY_MS, deleteAfterMs: 5 * DAY_MS, revives: false, ...retirement } };
    const sink = await connection.openSink(targetOf(scratch.name(target), { suffix: "_{yyyy-MM-dd}", options }));
    sinks.push(sink);
    return sink;
  };
  const write = async (sink: Sink, ...rows: readonly Row[]) => {
    const { outcomes, errors } = await sink.write(changesOf(rows), ORIGIN, NEVER);
    return [...outcomes].map((outcome, row) => errors.get(row)?.message ?? outcome);
  };
  const row = (index: string, n: number): Row => ({ id: `id-${n}`, version: 1000 + n, document: `{"n":${n}}`, index });
  /** `open`, `closed` or `gone`. */
  const stateOf = async (index: string): Promise<string> => {
    const { body } = await scratch.send("GET", `/_resolve/index/${index}*?expand_wildcards=open,closed`);
    const found = (body as { indices?: { name: string; attributes: string[] }[] }).indices?.find(({ name }) => name === index);
    return found === undefined ? "gone" : (found.attributes.find((word) => word === "open" || word === "closed") ?? "neither");
  };
  const becomes = (index: string, state: string): Promise<void> =>
    until(
      async () => (await stateOf(index)) === state,
      `${index} to be ${state}`,
      30_000,
      () => troubles.join("\n"),
      50,
    );

  afterEach(async () => {
    for (const sink of sinks.splice(0)) await sink.close();
  });
  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  it("by two workers at once, by the clock alone, and a replay does not bring them back", async () => {
    clock.to("2026-03-01T12:00:00Z");
    const [feb28, mar01, mar05] = ["2026-02-28", "2026-03-01", "2026-03-05"].map((date) => day("daily", date)) as [string, string, string];
    const sink = await open("daily", {});
    await open("daily", {});
    expect(await write(sink, row(feb28, 1), row(mar01, 2))).toEqual([Outcome.written, Outcome.written]);
    const foreign = day("daily", "2026-01-01");
    const other = day("daily", "2026-01-01-copy");
    await scratch.send("PUT", `/_index_template/${scratch.name("foreign")}`, { index_patterns: [foreign], priority: 9000, template: {} });
    for (const name of [foreign, other]) expect((await scratch.send("PUT", `/${name}`)).status).toBe(200);

    clock.to("2026-03-02T23:59:59.999Z");
    expect(await write(sink, row(feb28, 3))).toEqual([Outcome.written]);
    clock.to("2026-03-03T00:00:00Z");
    await becomes(feb28, "closed");
    const retired = (index: string) =>
      `index "${index}" is retired: indexes of ${scratch.name("daily")} are closed after 2d and deleted after 5d`;
    expect(await write(sink, row(feb28, 4), row(mar01, 5), { id: "id-1", version: 9999, index: feb28 })).toEqual([
      retired(feb28),
      Outcome.written,
      retired(feb28),
    ]);

    clock.to("2026-03-06T00:00:00Z");
    await becomes(feb28, "gone");
    await becomes(mar01, "closed");
    // A replay from the beginning, by a pipeline that was started again.
    for (const each of [sink, await open("daily", {})]) {
      expect(await write(each, row(feb28, 1), row(mar01, 2), row(mar05, 6))).toEqual([retired(feb28), retired(mar01), expect.any(Number)]);
    }
    expect([await stateOf(feb28), await stateOf(mar05)]).toEqual(["gone", "open"]);
    expect([await stateOf(foreign), await stateOf(other)]).toEqual(["open", "open"]);
    // Each of the three sinks says so once.
    const untouched = `index "${foreign}" was not made by Sluice, so it is neither closed nor deleted`;
    expect(troubles.filter((text) => text.includes(foreign))).toEqual([untouched, untouched, untouched]);
  });

  it("come back with what is in them where that is asked for, and their age begins anew", async () => {
    // Their creation is told by the server's clock.
    const today = new Date();
    const at = (days: number): string => new Date(today.getTime() + days * DAY_MS).toISOString();
    const dated = (days: number): string => day("back", at(days).slice(0, 10));
    clock.to(at(-4));
    const [shut, gone] = [dated(-4), dated(-30)];
    const first = await open("back", { closeAfterMs: DAY_MS, deleteAfterMs: 20 * DAY_MS });
    expect(await write(first, row(shut, 1), row(gone, 2))).toEqual([Outcome.written, expect.stringContaining("is retired")]);
    clock.to(at(0));
    await becomes(shut, "closed");

    const sink = await open("back", { closeAfterMs: DAY_MS, deleteAfterMs: 20 * DAY_MS, revives: true });
    await first.close();
    expect(await write(sink, row(shut, 3), row(gone, 2), row(shut, 1))).toEqual([Outcome.written, Outcome.written, Outcome.superseded]);
    expect([await stateOf(shut), await stateOf(gone)]).toEqual(["open", "open"]);
    expect([...(await scratch.documents(shut)).keys()].sort()).toEqual(["id-1", "id-3"]);
    // Somebody closes it by hand meanwhile.
    await scratch.send("POST", `/${shut}/_close`);
    expect(await write(sink, row(shut, 4))).toEqual([expect.stringContaining("closed")]);
    expect(await write(sink, row(shut, 4))).toEqual([Outcome.written]);
    clock.to(at(1.1));
    await becomes(shut, "closed");
    await becomes(gone, "closed");
    expect(await write(sink, row(gone, 5))).toEqual([Outcome.written]);
    clock.to(at(22));
    await becomes(shut, "gone");
    await becomes(gone, "gone");
  });

  it("is said where it fails, and tried again", async () => {
    clock.to("2026-03-01T12:00:00Z");
    const index = day("failing", "2026-02-28");
    const sink = await open("failing", {});
    await write(sink, row(index, 1));
    // The server forbids it by a setting of the index.
    await scratch.send("PUT", `/${index}/_settings`, { "index.blocks.metadata": true });
    clock.to("2026-03-20T00:00:00Z");
    await until(() => troubles.some((text) => text.includes("not closed or deleted") && text.includes("403")), "the trouble");
    await scratch.send("PUT", `/${index}/_settings`, { "index.blocks.metadata": false });
    clock.to("2026-03-20T00:01:00Z");
    await becomes(index, "gone");
  });
});
