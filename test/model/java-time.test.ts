import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileIndexSuffix } from "../../src/model/date-pattern.ts";

/**
 * What `DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)` of Java 17 writes at times in UTC (ms, in the first line);
 * REFUSED where it takes no such pattern.
 */
const [head = "", ...lines] = readFileSync(new URL("java-time.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n");
const times = head.split("\t").slice(1).map(Number);
const rows = lines.map((line) => line.split("\t")).map(([pattern = "", ...texts]) => ({ pattern, texts }));

const isLegal = (text: string): boolean => /^[-+\d._'a-z]+$/.test(text);

describe("dates of index names", () => {
  it("have enough to be compared with", () => {
    expect(rows.length).toBeGreaterThan(200);
    expect(rows.filter(({ texts }) => texts.every(isLegal)).length).toBeGreaterThan(100);
  });

  it.each(rows)("$pattern is as in Java, or refused where Java or the index refuses it", ({ pattern, texts }) => {
    const suffix = compileIndexSuffix(`{${pattern}}`);
    if (!texts.every(isLegal)) {
      expect(suffix.ok).toBe(false);
      return;
    }
    if (!suffix.ok) throw new Error(suffix.message);
    expect(times.map((time) => suffix.format(time))).toEqual(texts);
  });
});
