import { describe, expect, it } from "vitest";
import { compileIndexSuffix } from "../../src/model/date-pattern.ts";

const TIME = Date.UTC(2026, 2, 4, 5, 6, 7, 89);

function format(pattern: string, timestampMs = TIME): string {
  const suffix = compileIndexSuffix(pattern);
  if (!suffix.ok) throw new Error(suffix.message);
  return suffix.format(timestampMs);
}

describe("compileIndexSuffix", () => {
  it.each([
    ["_{yyyy-MM-dd}", "_2026-03-04"],
    ["_{yyyy.MM}", "_2026.03"],
    ["-{uuuu}-v2", "-2026-v2"],
    ["_{yy}{MM}{dd}", "_260304"],
    ["_{yyyyMMddHHmmss}", "_20260304050607"],
    ["_{y-M-d.H}", "_2026-3-4.5"],
    ["_{HH_mm_ss_SSS}", "_05_06_07_089"],
    ["_{SS}", "_08"],
    ["_{yyyy-DDD}", "_2026-063"],
    ["_{yyyy'w'MM''}", "_2026w03'"],
    ["_v1", "_v1"],
  ])("%s makes %s", (pattern, expected) => {
    expect(format(pattern)).toBe(expected);
  });

  it("is in UTC and right at the ends of days, years and centuries", () => {
    expect(format("{yyyy-MM-dd}", Date.UTC(2026, 0, 1) - 1)).toBe("2025-12-31");
    expect(format("{yyyy-DDD}", Date.UTC(2024, 11, 31, 23, 59, 59, 999))).toBe("2024-366");
    expect(format("{yyyy-MM-dd}", Date.UTC(1970, 0, 1) - 1)).toBe("1969-12-31");
    expect(format("{yyyyMMdd}", new Date("0099-02-03T00:00:00Z").getTime())).toBe("00990203");
  });

  it("warns of the year of the week", () => {
    const suffix = compileIndexSuffix("_{YYYY-MM-dd}");
    expect(suffix).toMatchObject({ ok: true, warnings: [{ offset: 2, hint: "write yyyy" }] });
    expect(format("_{YYYY-MM-dd}", Date.UTC(2025, 11, 29))).toBe("_2026-12-29");
  });

  it.each([
    ["_{yyyy-MM-dd hh}", 12, "' ' cannot stand", null],
    ["_{yyyyJ}", 6, "the letter 'J'", "letters are"],
    ["_{ddd}", 2, "so many 'd'", "write dd"],
    ["_{MMM}", 2, "in lower case", "write MM"],
    ["_{yyyy]}", 6, "no '['", null],
    ["_{yyyy-MM'T'HH}", 9, "lower case", null],
    ["_Day{dd}", 1, "lower case", null],
    ["_{yyyy", 1, "no closing", null],
    ["_{}", 1, "empty", "yyyy-MM-dd"],
    ["_{yyyy'w}", 6, "never closed", null],
    ["_a}", 2, "'}' has no '{'", "leave it out"],
    ["_a/b", 2, "'/' cannot stand", null],
    ["", 0, "empty", "yyyy-MM-dd"],
  ])("refuses %s", (pattern, offset, message, hint) => {
    const suffix = compileIndexSuffix(pattern);
    if (suffix.ok) throw new Error("was accepted");
    expect(suffix.message).toContain(message);
    expect(suffix.offset).toBe(offset);
    if (hint !== null) expect(suffix.hint).toContain(hint);
  });
});
