import { describe, expect, it } from "vitest";
import { compileIndexSuffix } from "../../src/model/date-pattern.ts";
import { DatedPeriods } from "../../src/model/dated-periods.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const [HOUR, DAY] = [3_600_000, 86_400_000];

function periodsOf(suffix: string): DatedPeriods {
  const periods = DatedPeriods.of(suffix);
  if (typeof periods === "string") throw new Error(periods);
  return periods;
}

describe("the time that a dated name stands for", () => {
  it.each([
    ["_{yyyy-MM-dd}", "_2026-01-31", "2026-01-31T00", "2026-02-01T00"],
    ["-{yyyyMMdd}", "-20240229", "2024-02-29T00", "2024-03-01T00"],
    ["_{yyyy-MM-dd}t{HH}", "_2026-12-31t23", "2026-12-31T23", "2027-01-01T00"],
    ["_{dd.MM.uuuu}", "_31.01.2026", "2026-01-31T00", "2026-02-01T00"],
    ["_{ddMMyyyy}", "_31012026", "2026-01-31T00", "2026-02-01T00"],
    [".{yyyy}", ".2026", "2026-01-01T00", "2027-01-01T00"],
    ["_{yyyy.MM}", "_2026.02", "2026-02-01T00", "2026-03-01T00"],
    ["_{yyyy-'q'Q}", "_2026-q4", "2026-10-01T00", "2027-01-01T00"],
    ["_{yyyy-DDD}", "_2024-366", "2024-12-31T00", "2025-01-01T00"],
    // Weeks from Sunday; the first one has the first of January, of 2027 a Friday.
    ["_{YYYY-'w'ww}", "_2027-w01", "2026-12-27T00", "2027-01-03T00"],
  ])("%s: %s", (suffix, name, from, to) => {
    expect(periodsOf(suffix).at(name)).toEqual({ startMs: Date.parse(`${from}:00Z`), endMs: Date.parse(`${to}:00Z`) });
  });

  it.each(["", "_", "_2026-02-30", "_2026-1-31", "_2026-01-31-copy", "_1900-01-31", "_9999-01-31"])("none is named %j", (name) => {
    expect(periodsOf("_{yyyy-MM-dd}").at(name)).toBeNull();
  });

  it.each([
    ["_{yyyy-MM-dd-HH-mm}", "less than an hour"],
    ["_{MM-dd}", "no year"],
    ["_{yy-MM-dd}", "no year"],
    ["_archive", "no year"],
    ["_{yyyy-dd}", "several times"],
    ["_{yyyy-MM-dd-hh}", "several times"],
    ["_{yyyy-MM-dd", "no closing"],
  ])("%s is refused: %s", (suffix, why) => {
    expect(DatedPeriods.of(suffix)).toContain(why);
  });

  it.each(seeds([2051], 2))("is the one whose times have that name, and no others: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (const [suffix, stepMs] of [
      ["_{yyyy-MM-dd}", DAY],
      ["_{YYYY-'w'ww}", DAY],
      ["_{yyyy-MM}", DAY],
      ["_{yyyy-DDD-HH}", HOUR],
    ] as const) {
      const [periods, compiled] = [periodsOf(suffix), compileIndexSuffix(suffix)];
      if (!compiled.ok) throw new Error(compiled.message);
      for (let n = 0; n < 200; n++) {
        const timeMs = Date.UTC(2000, 0) + random.below(50 * 365 * 24) * HOUR + random.below(HOUR);
        const name = compiled.format(timeMs);
        const period = periods.at(name);
        if (period === null) throw new Error(`${name} has no period`);
        expect(timeMs >= period.startMs && timeMs < period.endMs, name).toBe(true);
        expect(
          [period.startMs, period.endMs - 1].map((at) => compiled.format(at)),
          name,
        ).toEqual([name, name]);
        expect(
          [period.startMs - stepMs, period.endMs].map((at) => compiled.format(at)),
          name,
        ).not.toContain(name);
      }
    }
  });
});
