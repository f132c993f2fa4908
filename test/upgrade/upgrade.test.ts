import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { runningFleet } from "../fleet/running-fleet.ts";
import { runningServer } from "../server/running-server.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";
import { append, CONFIG, contents, statusOf, withoutUpgrade } from "./without-upgrade.ts";
import { differencesOf, HALVES, INDEXES, pipelines, ROWS } from "./workload.ts";

const KEPT = fileURLToPath(new URL("kept/", import.meta.url));
/** A project that holds what the earlier release left behind. */
function upgraded(): string {
  const folder = scratch({ "sluice.yaml": CONFIG });
  cpSync(KEPT, join(folder, "data"), { recursive: true });
  return folder;
}

describe("what the release before has left behind", () => {
  it("is gone on from: catalog, positions, state of every kind, and topics; results are those of a run without upgrade", async () => {
    const wanted = await withoutUpgrade();
    for (const index of INDEXES) expect(wanted.get(index)?.length, index).toBeGreaterThan(0);
    const folder = upgraded();
    await append(folder, HALVES[1]);
    const running = await runningFleet(folder);
    expect(running.deployments.list().map(({ name, text }) => [name, text])).toEqual([...pipelines("topics")].sort());
    let differences: readonly string[] = [];
    await until(
      async () => {
        differences = differencesOf(await contents(running), wanted);
        return differences.length === 0;
      },
      "the results of a run without upgrade",
      40_000,
      () =>
        `${differences.join("\n")} ${JSON.stringify(statusOf(running).map(([name, status]) => [name, status?.state, status?.failures]))}`,
      200,
    );
    // Nothing began anew: what was counted before the upgrade still is, and nothing was read twice.
    for (const [name, status] of statusOf(running)) {
      expect([name, status?.failures]).toEqual([name, []]);
      for (const { counters } of status?.statements ?? [])
        expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
    }
    const readings = ROWS.filter(({ topic }) => topic === "readings").length;
    const totals = () => running.fleet.status("groups")?.statements.find(({ name }) => name.startsWith("totals"));
    // Pipelines tell of their counters once a second.
    await until(
      () => totals()?.counters.in === readings,
      "the counters",
      5_000,
      () => JSON.stringify(totals()?.counters),
    );
  });

  it("dead letters are listed, and redriven", async () => {
    const { request } = await runningServer({}, null, upgraded());
    const letters = "/v1/pipelines/groups/deadletters";
    const { status, body } = await request("GET", letters);
    expect([status, body.items.length]).toEqual([200, expect.any(Number)]);
    const warm = HALVES[0].filter(({ value }) => value["t"] === "warm");
    const own = body.items.filter(({ statement }: { statement: string }) => statement === "totals#1");
    expect(own.map(({ value }: { value: string }) => JSON.parse(value)).reverse()).toEqual(
      expect.arrayContaining(warm.map(({ value }) => value)),
    );
    const redriven = await request("POST", `${letters}/redrive`, { statement: "totals#1" });
    expect(redriven.body).toMatchObject({ records: warm.length, letters: warm.length, gone: 0 });
    const again = await request("GET", `${letters}?statement=totals%231&redriven=true`);
    expect(again.body.items.length).toBe(warm.length);
  });
});

describe("what a later release has left behind", () => {
  it("is refused by name, nothing of it is changed, and what can read it goes on", async () => {
    const folder = upgraded();
    const file = join(folder, "data/sluice.db");
    const rows = (): readonly Record<string, unknown>[] => {
      const database = new DatabaseSync(file);
      const found = database
        .prepare(`SELECT "key", value FROM state WHERE pipeline = 'groups' AND "key" LIKE 'blob|%' ORDER BY position`)
        .all();
      database.close();
      return found;
    };
    const setFormat = (version: number): void => {
      const database = new DatabaseSync(file);
      for (const { key, value } of rows()) {
        const later = Buffer.from(value as Uint8Array);
        later[0] = version;
        later.writeUInt32BE(crc32(later.subarray(5), crc32(later.subarray(0, 1))), 1);
        database.prepare(`UPDATE state SET value = ? WHERE pipeline = 'groups' AND "key" = ?`).run(later, key as string);
      }
      database.close();
    };
    setFormat(99);
    const later = rows();
    expect(later.length).toBeGreaterThan(0);
    const refusing = await runningFleet(folder);
    await until(
      () => refusing.fleet.status("groups")?.failures.some(({ code }) => code === "STATE_CORRUPT") === true,
      "the refusal",
      20_000,
      () => JSON.stringify(refusing.fleet.status("groups")),
    );
    const failure = refusing.fleet.status("groups")?.failures.find(({ code }) => code === "STATE_CORRUPT");
    expect(failure?.message).toMatch(/format version 99; known are versions up to \d+/);
    expect(failure?.hint).toContain("A newer version of Sluice wrote this state");
    // The pipelines beside it go on.
    await until(() => refusing.fleet.status("chain")?.state === "running", "another pipeline");
    await refusing.close();
    expect(rows(), "nothing is lost").toEqual(later);

    setFormat(1);
    await append(folder, HALVES[1]);
    const again = await runningFleet(folder);
    const readings = ROWS.filter(({ topic }) => topic === "readings").length;
    await until(
      () => again.fleet.status("groups")?.statements.find(({ name }) => name.startsWith("totals"))?.counters.in === readings,
      "the state of before to be gone on from",
      20_000,
      () => JSON.stringify(again.fleet.status("groups")),
    );
  });
});
