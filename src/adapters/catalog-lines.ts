import { crc32 } from "node:zlib";
import type { CatalogChange } from "../ports/catalog-log.ts";

/** Eight hexadecimal digits and a blank. */
const HEAD = /^[0-9a-f]{8} /;
const HEAD_LENGTH = 9;

/** One unit of the log: its CRC-32, its generation, and its entries as pairs of key and value, on one line that a person can read. */
export function writeLine({ generation, entries }: CatalogChange): string {
  const text = JSON.stringify([generation, ...entries.map(({ key, value }) => [key, value])]);
  return `${crc32(text).toString(16).padStart(8, "0")} ${text}\n`;
}

/** The change of a line without its end; else what is wrong with it. */
export function readLine(line: string): CatalogChange | string {
  if (!HEAD.test(line)) return `is no line of a catalog${keysIn(line)}`;
  const text = line.slice(HEAD_LENGTH);
  if (crc32(text) !== Number.parseInt(line, 16)) return `fails its checksum${keysIn(line)}`;
  const [generation, ...pairs] = JSON.parse(text) as [number, ...(readonly [string, string | null])[]];
  return { generation, entries: pairs.map(([key, value]) => ({ key, value })) };
}

/** Whose line it was, as far as that can still be read. */
function keysIn(line: string): string {
  const keys = [...line.matchAll(/\["((?:[^"\\]|\\.)+)",/g)].map(([, key]) => key);
  return keys.length === 0 ? "" : `; it spoke of ${keys.join(", ")}`;
}
