/** What a program wrote: half a megabyte of one kind of thing takes no minute and ends no stack. */
import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../../src/analyze/check-text.ts";

const LIMIT_MS = 20_000;
const names = (count: number, written: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => written(index)).join(", ");

describe("a long text", () => {
  it("with a PK of very many fields is checked", { timeout: LIMIT_MS }, () => {
    expect(checkText(parse(`INSERT INTO t SELECT * FROM s PK ${names(60_000, (index) => `f${index}`)}`))).toEqual([]);
  });

  it("with very many stages is checked", { timeout: LIMIT_MS }, () => {
    const stages = names(10_000, (index) => `x${index} AS (SELECT a FROM s)`);
    expect(checkText(parse(`WITH ${stages} SELECT a FROM x9999`))).toEqual([]);
  });

  it("with very many WITH statements and readers of them is checked", { timeout: LIMIT_MS }, () => {
    const pairs = Array.from({ length: 3000 }, (_, index) => `WITH x${index} AS (SELECT a FROM s); SELECT a FROM x${index};`);
    expect(checkText(parse(pairs.join("\n")))).toEqual([]);
  });

  it("with very many columns of one name is refused", { timeout: LIMIT_MS }, () => {
    const [first] = checkText(parse(`SELECT ${names(200_000, () => "a")} FROM s`));
    expect(first).toMatchObject({ code: "DUPLICATE_NAME", message: "two columns are named 'a'" });
  });

  it("refuses two stages of one name, in one WITH or in two", () => {
    for (const text of [
      "WITH x AS (SELECT a FROM s), x AS (SELECT a FROM t) SELECT a FROM x",
      "WITH x AS (SELECT a FROM s); WITH x AS (SELECT a FROM t)",
    ]) {
      expect(checkText(parse(text))).toMatchObject([{ code: "DUPLICATE_NAME", span: { start: text.lastIndexOf("x AS") } }]);
    }
  });
});
