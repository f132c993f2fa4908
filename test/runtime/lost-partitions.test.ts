import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Origin, Sink } from "../../src/ports/sink.ts";
import type { FromPipeline } from "../../src/runtime/protocol.ts";
import { withParts } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { HandMadeGroup } from "./hand-made-group.ts";
import { Harness, record } from "./harness.ts";

const SQL = `SET 'max.retries' = 100000; SET 'retry.interval' = 1; SET 'commit.interval' = 1;
  INSERT INTO counts SELECT device, COUNT(*) AS n FROM t GROUP BY device;`;

const HOUR_MS = 3_600_000;

describe("partitions that a group takes from a process", () => {
  let group = new HandMadeGroup();
  let harness: Harness;
  const writes: Origin[] = [];
  let isAway = false;
  const guarded = (sink: Sink): Sink => ({
    write: async (batch, origin, signal) => {
      writes.push(origin);
      if (isAway) throw new SluiceError("CHANGE_UNAVAILABLE", "away");
      return sink.write(batch, origin, signal);
    },
    close: () => sink.close(),
  });
  const wrapped = (connection: Connection): Connection =>
    withParts(connection, {
      source: withParts(must(connection.source), { join: group.join }),
      openSink: async (target) => guarded(await connection.openSink(target)),
    });
  beforeEach(() => {
    group = new HandMadeGroup();
    harness = new Harness(wrapped);
  });
  afterEach(() => harness.dispose());

  const append = (count: number): Promise<void> =>
    harness.append(
      "t",
      Array.from({ length: count }, () => record({ device: "a" }, { key: "a", timestampMs: 1_700_000_000_000 })),
    );
  const claimedBy = (owner: string): Promise<void> =>
    harness.using(async (connection) => {
      const log = must(await connection.openStateLog("p", 1));
      await log.claim(0, owner);
      await log.close();
    });
  const counted = async (): Promise<unknown> => ((await harness.table("counts"))[0] as { readonly n: number } | undefined)?.n;

  it("do not keep a stop waiting for a group that does not answer; what it did not allow is made again", async () => {
    const lagOf = (messages: readonly FromPipeline[]) => messages.findLast((message) => message.kind === "progress")?.statements[0]?.lag;
    await append(10);
    const first = harness.start("p", SQL, { until: "follow" });
    await until(() => group.isJoined, "the group to be joined");
    await group.assign("t", [0]);
    await until(async () => (await counted()) === 10, "the first records");
    group.hold(0);
    await append(10);
    await until(() => lagOf(first.messages) === 0, "the records to be taken");
    first.handle.stop(50);
    expect((await first.ended).statements[0]).toMatchObject({ state: "stopped" });
    expect(await counted()).toBe(10);
    const second = harness.start("p", SQL, { until: "follow" });
    await until(() => group.members === 2, "the group to be joined again");
    group.hold(Date.now() + HOUR_MS);
    await group.assign("t", [0]);
    await until(async () => (await counted()) === 20, "what could not be written");
    second.handle.stop(10_000);
    expect((await second.ended).statements[0]).toMatchObject({ state: "stopped", counters: { in: 20, applied: 20 } });
  });

  it("are written to by nobody who has lost them, or does not know; they are taken again as they were left", async () => {
    await append(10);
    const { handle, messages, ended } = harness.start("p", SQL, { until: "follow" });
    const lagOf = () => messages.findLast((message) => message.kind === "progress")?.statements[0]?.lag;
    await until(() => group.isJoined, "the group to be joined");
    await group.assign("t", [0]);
    await until(async () => (await counted()) === 10, "the first records");

    // What was under way is given up where others have the partition.
    isAway = true;
    await append(10);
    const before = writes.length;
    await until(() => writes.length > before + 2, "some tries");
    await group.lose();
    const lost = writes.length;
    const { generation } = must(writes.at(-1));
    isAway = false;
    await group.assign("t", [0]);
    await until(async () => (await counted()) === 20, "the records that it had taken already");
    expect(writes.slice(lost).every((origin) => origin.generation > generation)).toBe(true);

    // Nobody knows whether others have it.
    isAway = true;
    await append(10);
    const asked = writes.length;
    await until(() => writes.length > asked + 2, "some tries");
    group.hold(0);
    isAway = false;
    await append(10);
    await until(() => lagOf() === 0, "the records to be taken");
    expect(await counted()).toBe(20);
    group.hold(Date.now() + HOUR_MS);
    await until(async () => (await counted()) === 40, "the rest");

    // Others have claimed it before the group says so.
    await claimedBy("another");
    await append(10);
    await until(() => lagOf() === 0, "the records to be taken");
    await group.lose();
    await group.assign("t", [0]);
    await until(async () => (await counted()) === 50, "what could not be kept to be made again");

    // The same where the group has left it to us all the time, and says so when it changes.
    await claimedBy("a zombie");
    await append(10);
    await until(() => lagOf() === 0, "the records to be taken");
    group.confirm();
    await until(async () => (await counted()) === 60, "what the zombie's claim has refused");

    handle.stop(10_000);
    expect((await ended).statements[0]).toMatchObject({ state: "stopped", counters: { in: 60, applied: 60 } });
    expect(messages.filter(({ kind }) => kind === "statement-failed" || kind === "failed")).toEqual([]);
  });
});
