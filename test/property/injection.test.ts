import { describe, expect, it } from "vitest";
import { createKeyspace, createTable, deleteRow, insertRow, selectAll, tableName } from "../../src/adapters/cassandra/cql.ts";
import { indexNameProblem } from "../../src/adapters/elasticsearch/index-name.ts";
import { runStatement } from "../plan/run-statement.ts";
import { SeededRandom, seeds } from "./random.ts";

/** What ends strings, names and comments of JavaScript, SQL, CQL, JSON and paths, and what would be seen if it ran. */
const PIECES = [
  "'",
  '"',
  "`",
  "\\",
  "''",
  '""',
  "``",
  "\\'",
  '\\"',
  "\n",
  "\r",
  "\u2028",
  "\u2029",
  "\0",
  "\ud800",
  "é",
  "😀",
  ";",
  ",",
  ")",
  "(",
  "}",
  "{",
  "]",
  "[",
  "--",
  "/*",
  "*/",
  "//",
  "${",
  "$",
  "=>",
  "globalThis.wasRun = true",
  "process.exit(66)",
  "require('fs')",
  "DROP TABLE x",
  "; DROP",
  "' OR 'a'='a",
  '"); globalThis.wasRun = true; ("',
  "`; globalThis.wasRun = true; `",
  "${globalThis.wasRun = true}",
  "../",
  "_all",
  "*",
  "?",
  "#",
  "%2e%2e%2f",
  "__proto__",
  "constructor",
  "toString",
  "NaN",
  "null",
  "undefined",
  "0x41",
  "a",
  "A",
  " ",
  "\t",
] as const;

const ran = (): unknown => Reflect.get(globalThis, "wasRun");

const hostile = (random: SeededRandom, alphabet: readonly string[] = PIECES): string =>
  Array.from({ length: 1 + random.below(6) }, () => random.pick(alphabet)).join("");

/** Half a surrogate pair is no text; a statement cannot have one. */
const sound = PIECES.filter((piece) => piece !== "\ud800" && piece !== "\0");
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What CQL's own lexer would make of it: names and texts in quotes, doubled within; all else outside. */
function lexed(cql: string): { readonly quoted: readonly string[]; readonly outside: string } {
  const quoted: string[] = [];
  const outside = cql.replace(/"((?:[^"]|"")*)"|'((?:[^']|'')*)'/g, (_, name: string | undefined, text: string | undefined) => {
    quoted.push(name === undefined ? (text ?? "").replaceAll("''", "'") : name.replaceAll('""', '"'));
    return "◦";
  });
  return { quoted, outside };
}

describe("what is hostile stays text", () => {
  it.each(seeds([42], 3))("in generated code: fields, names and literals, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (let n = 0; n < 150; n++) {
      const [value, other] = [hostile(random, sound), hostile(random, sound)];
      const document = JSON.stringify({ value, other });
      const { documents, errors } = runStatement(
        `INSERT INTO x SELECT value, ${literal(value)} AS same, concat(other, ${literal(other)}) AS twice, value = ${literal(value)} AS is,
          CASE other WHEN ${literal(other)} THEN 1 ELSE 2 END AS one FROM raw WHERE other IN (${literal(other)}, ${literal(value)})`,
        [document],
      );
      expect([...errors.values()], document).toEqual([]);
      expect(documents, document).toEqual([{ value, same: value, twice: other + other, is: true, one: 1 }]);
      expect(ran()).toBeUndefined();
    }
  });

  it.each(seeds([43], 3))("in the names of fields and columns, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    let taken = 0;
    for (let n = 0; n < 150; n++) {
      // A back-tick ends a quoted name, and there is no way to have one in it.
      const [field, name] = [hostile(random, sound), hostile(random, sound)].map((text) => text.replaceAll("`", "") || "a") as [
        string,
        string,
      ];
      const document = JSON.stringify({ [field]: 7 });
      let run: ReturnType<typeof runStatement> | null = null;
      try {
        run = runStatement(`INSERT INTO x SELECT \`${field}\` AS \`${name}\` FROM raw`, [document]);
      } catch (error) {
        // A name may be refused, as a text with a place; nothing else may come of it.
        expect((error as Error).message, JSON.stringify([field, name])).not.toMatch(/Unexpected token|is not defined|SyntaxError/);
      }
      if (run !== null) expect(run.documents, JSON.stringify([field, name])).toEqual([{ [name]: 7 }]);
      if (run !== null) taken++;
      expect(ran()).toBeUndefined();
    }
    expect(taken).toBeGreaterThan(50);
  });

  it.each(seeds([44], 3))("in CQL: names are names and values are bound, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (let n = 0; n < 1000; n++) {
      const [first, second] = [`a${hostile(random)}`, `b${hostile(random)}`];
      const table = { keyspace: "ks", table: "t" };
      const plain = { first: "x", second: "y" };
      const texts = (a: string, b: string): readonly string[] => [
        createTable(
          table,
          [
            { name: a, type: "text" },
            { name: b, type: "int" },
          ],
          [a, b],
        ),
        createKeyspace("ks", { class: a, [b]: "1" }),
        insertRow(table, [a, b], true),
        deleteRow(table, [a, b]),
        selectAll(table, [a, b]),
      ];
      const outside = texts(plain.first, plain.second).map((cql) => lexed(cql).outside);
      for (const [at, cql] of texts(first, second).entries()) {
        expect(lexed(cql).outside, JSON.stringify([first, second])).toBe(outside[at]);
        expect(lexed(cql).quoted).toEqual(expect.arrayContaining([first, second]));
      }
      const name = tableName(hostile(random), "ks");
      if (name !== null) expect(`${name.keyspace}${name.table}`).toMatch(/^\w+$/);
    }
  });

  it.each(seeds([45], 3))("in names of indexes: none that leads elsewhere is taken, seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (let n = 0; n < 3000; n++) {
      const name = hostile(random);
      if (indexNameProblem(name) !== null) continue;
      // Nothing that a path, a list of indexes, date math or a line of a bulk request is made of.
      expect(name).not.toMatch(/[\\/*?"<>|,#:\s]|^[-_+.]{1,2}$|^[-_+]/);
    }
  });
});
