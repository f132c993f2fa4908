import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyze, TEMPERATURES } from "./catalog.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const word = fc.constantFrom(
  ..."deviceId temperature time zone a.b.c _key _key.x _value _header.h _offset window_start x 1 2.5 'a' '2026-01-01' NULL TRUE".split(" "),
);

const { expression } = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    { arbitrary: word, weight: 12 },
    fc
      .tuple(tie("operand"), fc.constantFrom("+", "-", "/", "%", "||", "=", "<", "AND", "OR", "IS DISTINCT FROM", "LIKE"), tie("operand"))
      .map((parts) => parts.join(" ")),
    fc.tuple(tie("operand"), tie("operand"), tie("operand")).map(([a, b, c]) => `${a} BETWEEN ${b} AND ${c}`),
    fc.tuple(tie("operand"), tie("operand")).map(([a, b]) => `${a} NOT IN (${b}, 1)`),
    fc.tuple(tie("operand"), tie("operand"), tie("operand")).map(([a, b, c]) => `CASE ${a} WHEN ${b} THEN ${c} END`),
    fc
      .tuple(fc.constantFrom("INT", "STRING", "TIMESTAMP", "MAP<STRING, INT>", "NOPE"), tie("operand"))
      .map(([type, a]) => `CAST(${a} AS ${type})`),
    fc
      .tuple(
        fc.constantFrom("upper", "round", "concat", "if", "coalesce", "date_trunc", "COUNT", "AVG", "MAX", "nope"),
        fc.array(tie("operand"), { maxLength: 3 }),
      )
      .map(([name, args]) => `${name}(${args.join(", ")})`),
    tie("operand").map((a) => `NOT ${a}`),
    tie("operand").map((a) => `${a} IS NOT NULL`),
  ),
  operand: fc.tuple(tie("expression")).map(([a]) => `(${a})`),
}));

const clause = fc.constantFrom(
  ..."PK deviceId|PK x, window_start|PK nope|TTL = 5|AUTOCREATE|WITHINDEXSUFFIX = _{yyyy}|BATCH = 5".split("|"),
  ..."EMIT FINAL|EMIT CHANGES|WINDOW TUMBLING (SIZE 1 DAY)|LIMIT 4".split("|"),
);

const insert = fc
  .tuple(
    fc.constantFrom("elastic.x", "kafka.y", "kafka.y", "embedded.y", "cassandra.k.z", "embedded.e", "Bad"),
    fc.array(
      fc.oneof(
        expression.map((text) => `${text} AS x`),
        expression,
        fc.constant("*"),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    fc.constantFrom("temperatures", "raw", "raw", "raw", "embedded.e", "elastic.q"),
    fc.option(expression, { freq: 1 }),
    fc.option(expression, { freq: 1 }),
    fc.option(expression, { freq: 1 }),
    fc.oneof(fc.constant([]), fc.uniqueArray(clause, { maxLength: 3 })),
  )
  .map(([target, items, from, where, groupBy, having, clauses]) =>
    [
      `INSERT INTO ${target} SELECT ${items.join(", ")} FROM ${from}`,
      where === null ? "" : `WHERE ${where}`,
      groupBy === null ? "" : `GROUP BY ${groupBy}`,
      having === null ? "" : `HAVING ${having}`,
      ...clauses,
    ].join(" "),
  );

describe("any text", () => {
  it("is bound or refused with places in the text, never both, and never throws", () => {
    let sound = 0;
    fc.assert(
      fc.property(fc.array(insert, { minLength: 1, maxLength: 2 }), (inserts) => {
        const text = `${TEMPERATURES}${inserts.join(";\n")}`;
        const { pipeline, diagnostics } = analyze(text);
        expect(pipeline === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
        for (const { span, message } of diagnostics) {
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.end).toBeLessThanOrEqual(text.length);
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(message).not.toMatch(/undefined|null|\[object/);
        }
        if (pipeline === null) return;
        sound++;
        expect(pipeline.statements).toHaveLength(inserts.length);
        expect(JSON.parse(JSON.stringify(pipeline))).toEqual(pipeline);
      }),
      { seed, numRuns: 2000, verbose: 1 },
    );
    expect(sound, `seed ${seed}`).toBeGreaterThan(10);
  });

  it("that repeats its operands without end is refused in a moment", () => {
    let nested = "a";
    for (let depth = 0; depth < 90; depth++) nested = `(${nested} BETWEEN FALSE AND TRUE)`;
    const { diagnostics } = analyze(`INSERT INTO x SELECT ${nested} AS y FROM raw`);
    expect(diagnostics.map(({ code }) => code)).toContain("TOO_LARGE");
  });

  it("with ten thousand columns is bound within seconds", () => {
    const columns = Array.from({ length: 10_000 }, (_, index) => `SUM(f${index}) AS c${index}`).join(", ");
    const start = performance.now();
    expect(analyze(`INSERT INTO x SELECT ${columns} FROM raw GROUP BY _key`).pipeline?.statements[0]?.aggregates).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
