import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readProperties } from "../../../src/adapters/import/read-properties.ts";

interface JavaCase {
  readonly text: string;
  /** null: Java refuses the text. */
  readonly properties: Readonly<Record<string, string>> | null;
}

/** Random texts with what `java.util.Properties` made of them (but for those without a name). */
const javaCases = JSON.parse(readFileSync(new URL("java-properties.json", import.meta.url), "utf8")) as JavaCase[];

const valuesOf = (text: string): Record<string, string> =>
  Object.fromEntries(readProperties(text).properties.flatMap(({ name, value }) => (name === "" ? [] : [[name, value]])));

describe("readProperties", () => {
  it(`reads ${javaCases.length} texts as Java does`, () => {
    for (const { text, properties } of javaCases) {
      const { problems } = readProperties(text);
      if (properties === null) expect(problems, JSON.stringify(text)).not.toEqual([]);
      else expect(valuesOf(text), JSON.stringify(text)).toEqual(properties);
    }
  });

  it("joins continued lines and says where each character was written", () => {
    const text = "connect.elastic.kcql = INSERT INTO a \\\n    SELECT * \\\n    FROM t\n";
    const [property] = readProperties(text).properties;
    expect(property?.value).toBe("INSERT INTO a SELECT * FROM t");
    for (const word of ["INSERT", "SELECT", "FROM", "t"]) {
      const at = property?.offsets[property.value.indexOf(word)] ?? -1;
      expect(text.slice(at, at + word.length)).toBe(word);
    }
    expect(property?.offsets).toHaveLength((property?.value.length ?? 0) + 1);
  });

  it("keeps the comments above a property", () => {
    const { properties } = readProperties("# The routes\n!  of the cluster\na=1\nb=2\n# the end\n");
    expect(properties.map(({ name, comments }) => [name, comments])).toEqual([
      ["a", ["The routes", "of the cluster"]],
      ["b", []],
    ]);
  });

  it("points at an escape that is none", () => {
    const { problems } = readProperties("a=\\u12 b");
    expect(problems).toEqual([{ message: "\\u takes four hexadecimal digits", hint: "\\\\ is a backslash", start: 2, end: 4 }]);
  });
});
