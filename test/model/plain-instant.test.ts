import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainInstantMs, plainInstantOfText } from "../../src/model/plain-instant.ts";
import { parseTimestamp, parseTimestampAt } from "../../src/model/timestamp-text.ts";

const at = (text: string): number => {
  const bytes = Buffer.from(`"${text}"`);
  return plainInstantMs(bytes, 1, bytes.length - 1);
};

describe("an instant in its plain form", () => {
  it("is what Date makes of it, on every day of four centuries but leap days", () => {
    for (let ms = Date.UTC(1799, 11, 31, 23, 59, 59, 999); ms < Date.UTC(2205, 0, 1); ms += 86_400_000) {
      const text = new Date(ms).toISOString();
      expect(at(text), text).toBe(text.slice(5, 10) === "02-29" ? Number.NaN : ms);
    }
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(100, 0, 1), max: 253_402_300_799_999 }), (ms) => {
        const text = new Date(ms).toISOString();
        if (text.slice(5, 10) !== "02-29") expect([at(text), plainInstantOfText(text)]).toEqual([ms, ms]);
        const bytes = Buffer.from(text);
        expect([parseTimestamp(text), parseTimestampAt(bytes, 0, bytes.length)]).toEqual([ms, ms]);
      }),
    );
  });

  it("is nothing else", () => {
    const bad = ["2023-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "2023-01-00", "0099-01-01"].map((day) => `${day}T00:00:00.000Z`);
    const others = ["2023-01-01T24:00:00.000Z", "2023-01-01T00:60:00.000Z", "2023-01-01T00:00:60.000Z", "2023-01-01T00:00:0x.000Z"];
    const shapes = ["2023-01-01T00:00:00.00Z", "2023-01-01 00:00:00.000Z", "2023-01-01T00:00:00.000+", "2023-01-01T00:00:00.000z", ""];
    for (const text of [...bad, ...others, ...shapes, "2023-01-01T00:00:00.00İZ", "２023-01-01T00:00:00.000Z"]) {
      expect([at(text), plainInstantOfText(text)], text).toEqual([Number.NaN, Number.NaN]);
    }
  });
});
