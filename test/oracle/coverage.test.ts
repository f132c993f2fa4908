import { expect, it } from "vitest";
import { randomCase } from "./case-generator.ts";
import { AXES, type Axis } from "./coverage.ts";
import { featuresOf, runs } from "./features.ts";

/** As many as a run of the oracle looks at, of seeds that stay the same. */
const CASES = 500;
const STATEMENTS = 4;

const TIMED = ["tumbling", "hopping", "cumulating", "session"];
const WINDOWS = [...TIMED, "count"];
const STREAMS = ["INNER", "LEFT", "RIGHT", "FULL"].map((type) => `stream–stream ${type}`);
const ENRICHED = ["INNER", "LEFT"].map((type) => `stream–table ${type}`);
const CHAINS = ["stream–stream–stream", "stream–stream–table", "stream–table–stream", "stream–table–table"].map(
  (chain) => `chain ${chain}`,
);
const OF_STREAMS = [...STREAMS, ...ENRICHED, ...CHAINS];
const TABLES = ["INNER", "LEFT", "RIGHT", "FULL"].map((type) => `table–table ${type}`);
const OF_TABLES = [...TABLES, "chain table–table–table"];
const FOREIGN = ["INNER", "LEFT"].map((type) => `table–table foreign key ${type}`);
const JOINS = [...OF_STREAMS, ...OF_TABLES, ...FOREIGN];
const EMITS = ["EMIT by default", "EMIT CHANGES", "EMIT FINAL", "EMIT EVERY"];
const TIMES = ["event time", "ingestion time", "processing time"];
const STAGES = ["no stage", "stage of rows"];
const READS = ["a stream", "elements", "a union", "a table", "another statement", ...JOINS];

/** What is drawn together with what, every one with every one; what is not named has no meaning, or is refused. */
const DRAWN: readonly (readonly [one: readonly string[], other: readonly string[]])[] = [
  [
    ["no window", ...WINDOWS],
    [...STAGES, ...TIMES, "one partition", "groups by key", "one run", "several runs", "closed", "left open"],
  ],
  [
    ["no window", ...WINDOWS],
    ["all readable", "some unreadable", "a stream"],
  ],
  [WINDOWS, [...EMITS, "into a table", "into a topic"]],
  [["no window"], ["EMIT by default", "EMIT CHANGES", "EMIT EVERY", "rows", "groups", "OVER", "DISTINCT", "stage of groups"]],
  [TIMED, ["LATE INTO", "late dropped", "elements"]],
  [["no window", "tumbling", "hopping", "cumulating"], ["groups over partitions"]],
  [["tumbling", "hopping", "session", "count"], ["another statement"]],
  [["tumbling", "hopping"], ["DISTINCT"]],
  [OF_STREAMS, [...WINDOWS, ...EMITS, "rows", "groups", "into a table", "into a topic", "event time"]],
  [[...STREAMS, ...CHAINS], ["LATE INTO"]],
  [STREAMS, ["ingestion time"]],
  [
    [...OF_STREAMS, ...OF_TABLES, ...FOREIGN],
    ["no window", "rows", "groups", "one partition", "closed", "left open"],
  ],
  [[...OF_STREAMS, ...OF_TABLES, "a stream", "a table", "elements", "a union"], ["groups by key"]],
  [READS, ["one run", "several runs", "into a table"]],
  [
    ["rows", "groups", "OVER", "DISTINCT"],
    [...STAGES, "event time", "ingestion time", "one run", "several runs", "some unreadable"],
  ],
  [["rows", "groups", "DISTINCT"], ["processing time"]],
  [["rows", "groups", "OVER"], ["into a topic"]],
  [
    ["LATE INTO"],
    [
      "groups",
      "DISTINCT",
      "stage of rows",
      ...TIMES,
      "one run",
      "several runs",
      "one partition",
      "groups by key",
      "groups over partitions",
    ],
  ],
  [["stage of groups"], ["one partition", "groups by key", "one run", "several runs", "event time", "ingestion time", "some unreadable"]],
  [
    ["groups over partitions"],
    [...EMITS, "into a table", "into a topic", "one run", "several runs", "closed", "left open", ...TIMES, ...STAGES],
  ],
];

it("a run draws every kind of statement, with every other kind that it can go with", () => {
  const axes = Object.keys(AXES) as Axis[];
  const seen = new Set<string>();
  const kinds = new Set<string>();
  let count = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const given = randomCase(seed, {
      statements: STATEMENTS,
      accepts: (statement, sources) => featuresOf(statement, sources).every(runs),
    });
    for (const statement of given.statements) {
      count++;
      const own = axes.map((axis) => AXES[axis](statement, given));
      for (const one of own) {
        kinds.add(one);
        for (const other of own) seen.add(`${one}, ${other}`);
      }
    }
  }
  expect(count).toBeGreaterThanOrEqual(CASES * STATEMENTS);
  const missing = DRAWN.flatMap(([ones, others]) => ones.flatMap((one) => others.map((other) => `${one}, ${other}`)));
  expect(missing.filter((pair) => !seen.has(pair))).toEqual([]);
  const named = new Set(DRAWN.flat(2));
  expect([...kinds].filter((kind) => !named.has(kind))).toEqual([]);
});
