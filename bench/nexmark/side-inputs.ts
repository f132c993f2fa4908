import type { RawRecord } from "../../src/ports/source.ts";

const COUNT = 10_000;

/** What q13 finds for a number below 10,000. */
export const sideInput = (key: number): string => `side input ${key}`;

export function sideInputRecords(timestampMs: number): readonly RawRecord[] {
  return Array.from({ length: COUNT }, (_, key) => {
    const value = Buffer.from(JSON.stringify({ key, value: sideInput(key) }));
    return { key: Buffer.from(String(key)), value, timestampMs };
  });
}
