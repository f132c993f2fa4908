import { crc32 } from "node:zlib";
import type { CatalogEntry } from "../../ports/catalog-log.ts";

/** Eight hexadecimal digits and a blank. */
const HEAD = /^[0-9a-f]{8} /;
const HEAD_LENGTH = 9;

/** One unit of the log: its CRC-32, and its entries as pairs of key and value, on one line that a person can read. */
export function writeLine(entries: readonly CatalogEntry[]): string {
  const text = JSON.stringify(entries.map(({ key, value }) => [key, value]));
  return `${crc32(text).toString(16).padStart(8, "0")} ${text}\n`;
}

/** The entries of a line without its end; else what is wrong with it. */
export function readLine(line: string): readonly CatalogEntry[] | string {
  if (!HEAD.test(line)) return "is no line of a catalog";
  const text = line.slice(HEAD_LENGTH);
  if (crc32(text) !== Number.parseInt(line, 16)) return "fails its checksum";
  const pairs = JSON.parse(text) as readonly (readonly [string, string | null])[];
  return pairs.map(([key, value]) => ({ key, value }));
}
