import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Harness, record } from "./harness.ts";

const INT64 = [
  "9007199254740993",
  "9007199254740992",
  "-9007199254740993",
  "-9007199254740992",
  "9223372036854775807",
  "-9223372036854775808",
];
const LONGER = ["9223372036854775808", "18446744073709551615", "-123456789012345678901234567890", "123456789012345678901234567891"];
const OTHERS = ["9007199254740991", "0", "42"];
const DECLARED = "CREATE STREAM numbers (id BIGINT, room STRING) WITH (topic = 'ids');";

describe("integers beyond 2^53 on their way through a pipeline", () => {
  const harness = new Harness();
  const ids = [...INT64, ...LONGER, ...OTHERS];
  const known = [...INT64, ...OTHERS];

  beforeAll(async () => {
    const records = ids.flatMap((id) => [1, 2].map((n) => `{"id":${id},"room":"r${n}","n":${n}}`));
    await harness.append(
      "ids",
      records.map((value, i) => record(value, { timestampMs: 1_700_000_000_000 + i })),
    );
  });
  afterAll(() => harness.dispose());

  const sorted = (texts: readonly string[]): string[] => [...texts].sort();

  it("are rows of their own by undeclared keys, with all their digits", async () => {
    const { statements } = await harness.run(
      "undeclared",
      `INSERT INTO embedded.rows SELECT id, n, CAST(id AS STRING) AS t FROM ids PK id AUTOCREATE;
       INSERT INTO embedded.whole SELECT * FROM ids PK id AUTOCREATE;
       INSERT INTO embedded.counts SELECT id, COUNT(*) AS n, MAX(n) AS last FROM ids GROUP BY id AUTOCREATE;
       INSERT INTO embedded.pairs SELECT id, room, n FROM ids PK id, room AUTOCREATE;`,
    );
    expect(statements.map(({ counters }) => counters.applied)).toEqual(statements.map(() => ids.length * 2));
    expect(sorted(await harness.tableTexts("rows"))).toEqual(sorted(ids.map((id) => `{"id":${id},"n":2,"t":"${id}"}`)));
    expect(sorted(await harness.tableTexts("whole"))).toEqual(sorted(ids.map((id) => `{"id":${id},"room":"r2","n":2}`)));
    expect(sorted(await harness.tableTexts("counts"))).toEqual(sorted(ids.map((id) => `{"id":${id},"n":2,"last":2}`)));
    expect(await harness.tableTexts("pairs")).toHaveLength(ids.length * 2);
  });

  it("are rows of their own by declared keys; what BIGINT does not hold is refused", async () => {
    const { statements } = await harness.run(
      "declared",
      `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.refused'; ${DECLARED}
       INSERT INTO embedded.declared SELECT id, room, id + 1 AS next FROM numbers PK id AUTOCREATE;
       INSERT INTO embedded.declared_counts SELECT id, COUNT(*) AS n FROM numbers GROUP BY id AUTOCREATE;`,
    );
    const next = (id: string): string => String(BigInt(id) + 1n);
    const held = known.filter((id) => next(id) !== "9223372036854775808");
    expect(sorted(await harness.tableTexts("declared"))).toEqual(sorted(held.map((id) => `{"id":${id},"room":"r2","next":${next(id)}}`)));
    expect(sorted(await harness.tableTexts("declared_counts"))).toEqual(sorted(known.map((id) => `{"id":${id},"n":2}`)));
    const refused = (ids.length - known.length) * 2;
    expect(statements.map(({ counters }) => counters.deadLettered)).toEqual([refused + 2, refused]);
    const letters = (await harness.table("refused")) as { error: string }[];
    expect(letters.map(({ error }) => error)).toContain("id: expected an integer of 64 bits, found 18446744073709551615");
    expect(letters.map(({ error }) => error)).toContain("+: the result is no integer of 64 bits");
  });

  it("are the same groups when a later run goes on with its state", async () => {
    const sql = "INSERT INTO embedded.totals SELECT id, COUNT(*) AS n FROM ids GROUP BY id AUTOCREATE;";
    await harness.run("totals", sql);
    await harness.append(
      "ids",
      ids.map((id) => record(`{"id":${id}}`)),
    );
    await harness.run("totals", sql);
    expect(sorted(await harness.tableTexts("totals"))).toEqual(sorted(ids.map((id) => `{"id":${id},"n":3}`)));
  });
});
