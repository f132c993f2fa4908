import { encodeHeaders, type RecordHeader } from "../../../src/model/record-headers.ts";
import type { RawRecord } from "../../../src/ports/source.ts";

export const RECORDS = 100_000;
/** One of so many is broken. */
export const BROKEN_EACH = 100;
export const PARTITIONS = 2;
export const START_MS = Date.UTC(2026, 2, 1);
const UNITS = " units";
const INT_MAX = 2 ** 31 - 1;

/** What is wrong with a broken record, in turn. */
export const CAUSES = ["bad bytes", "wrong type", "mapping conflict", "null key", "long id", "table type"] as const;
export type Cause = (typeof CAUSES)[number];

/** null: nothing is. */
export function causeOf(n: number): Cause | null {
  if (n % BROKEN_EACH !== BROKEN_EACH / 2) return null;
  return CAUSES[Math.floor(n / BROKEN_EACH) % CAUSES.length] as Cause;
}

export const NUMBERS: readonly number[] = Array.from({ length: RECORDS }, (_, n) => n);

export const partitionOf = (n: number): number => Math.floor(n / BROKEN_EACH) % PARTITIONS;

/** Records of a partition come in the order of their numbers: its offset is how many there are before it. */
export const offsetOf = (n: number): number => Math.floor(n / (BROKEN_EACH * PARTITIONS)) * BROKEN_EACH + (n % BROKEN_EACH);

/** Of an offset in a partition. */
export function numberAt(partition: number, offset: number): number {
  return (Math.floor(offset / BROKEN_EACH) * PARTITIONS + partition) * BROKEN_EACH + (offset % BROKEN_EACH);
}

const idOf = (n: number): string => (causeOf(n) === "long id" ? `${n}-`.padEnd(600, "x") : `id-${n}`);

function fieldsOf(n: number) {
  const cause = causeOf(n);
  return {
    id: cause === "null key" ? null : idOf(n),
    n,
    v: cause === "wrong type" ? String(n / 4) : n / 4,
    extra: cause === "mapping conflict" ? `${n % 50}${UNITS}` : n % 50,
    small: cause === "table type" ? INT_MAX + n : n % 1000,
  };
}

/** The value as it should have been. */
export const soundValue = (n: number): string => JSON.stringify(fieldsOf(n));

function bytesFor(n: number): Buffer {
  const value = Buffer.from(soundValue(n));
  if (causeOf(n) !== "bad bytes") return value;
  // Half of them are cut off, the others have a byte that is no text.
  if (n % (2 * BROKEN_EACH) < BROKEN_EACH && n % 3 > 0) return value.subarray(0, value.length - 9);
  value[value.indexOf("id-")] = 0xff;
  return value;
}

function headersOf(n: number): readonly RecordHeader[] {
  return [
    ["trace", Buffer.from(`t-${n}`)],
    ["raw", Buffer.from([n & 0xff, 0xfe])],
  ];
}

export function recordOf(n: number): RawRecord {
  const key = causeOf(n) === "null key" ? null : Buffer.from(`k${n}`);
  return { key, value: bytesFor(n), timestampMs: START_MS + n, headers: headersOf(n), partition: partitionOf(n) };
}

/** The parts of a letter that are the record's. */
export function keptOf(n: number) {
  const { key, value, timestampMs } = recordOf(n);
  return {
    partition: partitionOf(n),
    offset: offsetOf(n),
    at: new Date(timestampMs).toISOString(),
    key: key?.toString() ?? null,
    value,
    headers: encodeHeaders(headersOf(n)).toString("base64"),
    kept: "record",
    attempts: 1,
  };
}

/** Statements that trip over the causes, and the same with the causes corrected. */
export interface Routes {
  readonly topic: string;
  readonly index: string;
  readonly table: string;
  readonly indexLetters: string;
  readonly tableLetters: string;
}

export function strictText({ topic, index, table, indexLetters, tableLetters }: Routes): string {
  return `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'elastic.${indexLetters}';
    INSERT INTO elastic.\`${index}\` SELECT id, n, v + 1 AS v, extra, small FROM \`${topic}\` PK id;
    SET 'dead.letters' = 'cassandra.${tableLetters}';
    INSERT INTO cassandra.${table} SELECT id, n, v + 1 AS v, small FROM \`${topic}\` PK id;`;
}

export function correctedText({ topic, index, table, indexLetters, tableLetters }: Routes): string {
  const id = "COALESCE(CAST(id AS STRING), 'none-' || CAST(n AS STRING))";
  return `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'elastic.${indexLetters}';
    INSERT INTO elastic.\`${index}\` SELECT left(${id}, 100) AS id, n, CAST(v AS DOUBLE) + 1 AS v,
    CAST(replace(CAST(extra AS STRING), '${UNITS}', '') AS BIGINT) AS extra, small
    FROM \`${topic}\` PK id;
    SET 'dead.letters' = 'cassandra.${tableLetters}';
    INSERT INTO cassandra.${table} SELECT ${id} AS id, n, CAST(v AS DOUBLE) + 1 AS v,
    CAST(CASE WHEN small > ${INT_MAX} THEN NULL ELSE small END AS INT) AS small
    FROM \`${topic}\` PK id;`;
}

/** What the corrected statements make of records without a cause that lies in their bytes. */
export function expectedDocument(n: number) {
  const { small } = fieldsOf(n);
  return { ...expectedKey(n), id: expectedKey(n).id.slice(0, 100), extra: n % 50, small };
}

export function expectedRow(n: number) {
  const { small } = fieldsOf(n);
  return { ...expectedKey(n), small: small > INT_MAX ? null : small };
}

function expectedKey(n: number) {
  return { id: fieldsOf(n).id ?? `none-${n}`, n, v: n / 4 + 1 };
}
