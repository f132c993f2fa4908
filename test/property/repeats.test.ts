import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { ORIGIN_HEADER } from "../../src/model/origin-header.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import type { StatementProgress } from "../../src/runtime/protocol.ts";
import { Harness, record } from "../runtime/harness.ts";
import { SeededRandom, seeds } from "./random.ts";

interface Written {
  readonly generation: number;
  readonly position: number;
  readonly partition: number;
}

function sent({ generation, position, partition }: Written, kind: "s" | "t" = "s"): RawRecord {
  const place = kind === "s" ? `${Math.floor(position / 3)}.${position % 3}` : String(position);
  const header = Buffer.from(`${kind}|${generation}|${partition}|${place}|up|stream#1`);
  return { ...record({ origin: `${partition}/${position}`, generation }, { partition: 0 }), headers: [[ORIGIN_HEADER, header]] };
}

/**
 * What one origin writes whose owner changes: each generation goes on a little before where the last one was, and the one
 * before may write on for a while.
 */
function historyOf(random: SeededRandom, partition: number): Written[] {
  const history: Written[] = [];
  let position = 0;
  for (let generation = 1; generation <= 4; generation++) {
    let zombie = position;
    position = Math.max(position - random.below(10), 0);
    for (let count = random.below(40); count > 0; count--) {
      history.push({ generation, position: position++, partition });
      if (generation > 1 && random.chance(0.3)) history.push({ generation: generation - 1, position: zombie++, partition });
      if (random.chance(0.1)) history.push(must(history.at(-1)));
    }
  }
  return history;
}

/** The first of each position by the highest generation seen so far; of that origin, nothing of a lower generation. */
function taken(history: readonly Written[]): Written[] {
  let generation = 0;
  let position = -1;
  return history.filter((written) => {
    if (written.generation < generation) return false;
    generation = written.generation;
    if (written.position <= position) return false;
    position = written.position;
    return true;
  });
}

const SQL = "INSERT INTO rows SELECT origin, generation FROM t; INSERT INTO counts SELECT origin, COUNT(*) AS n FROM t GROUP BY origin;";

describe("records of another statement", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  it.each(seeds([], 5))("are taken once, and none of a zombie, across restarts: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const histories = [0, 1].map((partition) => historyOf(random, partition));
    const queues = histories.map((history) => [...history]);
    const log: Written[] = [];
    while (queues.some((queue) => queue.length > 0)) log.push(...random.pick(queues).splice(0, 1));
    let statements: readonly StatementProgress[] = [];
    for (let from = 0; from < log.length; ) {
      const to = from + 1 + random.below(60);
      await harness.append(
        "t",
        log.slice(from, to).map((written) => sent(written)),
      );
      from = to;
      statements = (await harness.run("p", SQL)).statements;
    }
    const expected = histories.flatMap(taken).map(({ partition, position, generation }) => `${partition}/${position} ${generation}`);
    const rows = (await harness.table("rows")) as { origin: string; generation: number }[];
    expect(rows.map(({ origin, generation }) => `${origin} ${generation}`).sort()).toEqual(expected.sort());
    const counts = (await harness.table("counts")) as { n: number }[];
    expect(counts.every(({ n }) => n === 1)).toBe(true);
    for (const { counters } of statements) {
      expect(counters).toMatchObject({ in: log.length, applied: expected.length, filtered: log.length - expected.length });
    }
  });

  it("of a table are dropped by generation alone", async () => {
    const log = [
      { generation: 1, position: 50, partition: 0 },
      { generation: 1, position: 40, partition: 0 },
      { generation: 2, position: 40, partition: 0 },
      { generation: 1, position: 60, partition: 0 },
    ];
    await harness.append(
      "t",
      log.map((written) => sent(written, "t")),
    );
    const { statements } = await harness.run("p", SQL);
    expect(must(statements[0]).counters).toMatchObject({ in: 4, applied: 3, filtered: 1 });
  });
});
