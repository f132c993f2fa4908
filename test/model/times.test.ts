import { describe, expect, it } from "vitest";
import { parseDurationMs } from "../../src/model/duration-text.ts";
import { parseDate, parseTimestamp } from "../../src/model/timestamp-text.ts";

describe("parseTimestamp", () => {
  it.each([
    ["2026-03-04T05:06:07.089Z", Date.UTC(2026, 2, 4, 5, 6, 7, 89)],
    ["2026-03-04 05:06:07.0891239", Date.UTC(2026, 2, 4, 5, 6, 7, 89)],
    ["2026-03-04T05:06", Date.UTC(2026, 2, 4, 5, 6)],
    [" 2026-03-04 ", Date.UTC(2026, 2, 4)],
    ["2026-03-04T00:30:00+01:00", Date.UTC(2026, 2, 3, 23, 30)],
    ["2026-03-04T23:30:00-0130", Date.UTC(2026, 2, 5, 1)],
    ["2026-03-04T05:00:00+05", Date.UTC(2026, 2, 4)],
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["1969-12-31T23:59:59.999Z", -1],
    ["0001-01-01", -62_135_596_800_000],
    ["+012026-03-04T05:06:07.089Z", Date.UTC(12026, 2, 4, 5, 6, 7, 89)],
    ["-000001-12-31", new Date("-000001-12-31").getTime()],
  ])("reads %s", (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each([
    "",
    "now",
    "2026-13-01",
    "2025-02-29",
    "2026-03-04T24:00:00",
    "2026-03-04T05",
    "2026-03-04T05:06:60",
    "04.03.2026",
    "1772582400000",
  ])("refuses %j", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it("has a day for parseDate", () => {
    expect(parseDate("2026-03-04T23:59:59Z")).toBe(Date.UTC(2026, 2, 4));
    expect(parseDate("1969-12-31T12:00:00Z")).toBe(-86_400_000);
    expect(parseDate("soon")).toBeUndefined();
  });
});

describe("parseDurationMs", () => {
  it.each([
    [250, 250],
    ["250", 250],
    ["250ms", 250],
    ["1.5 s", 1_500],
    ["2M", 120_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
    ["0", 0],
  ])("reads %j", (value, expected) => {
    expect(parseDurationMs(value)).toBe(expected);
  });

  it.each([-1, "-1s", "", "s", "1w", "1e3", Number.NaN, Number.POSITIVE_INFINITY, true, null, undefined])("refuses %j", (value) => {
    expect(parseDurationMs(value)).toBeNull();
  });
});
