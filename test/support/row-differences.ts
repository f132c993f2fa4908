const SHOWN_MAX = 5;

/** What differs, a few of them; empty: every expected row is there, once, and the same. */
export function rowDifferences<Row>(
  rows: readonly Row[],
  expected: ReadonlyMap<string, Row>,
  keyOf: (row: Row) => string,
  isSame: (row: Row, wanted: Row) => boolean,
): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(row);
    const wanted = expected.get(key);
    if (seen.has(key)) found.push(`${key} is there twice`);
    else if (wanted === undefined) found.push(`${key} should not be there`);
    else if (!isSame(row, wanted)) found.push(`${key}: ${JSON.stringify(row)} instead of ${JSON.stringify(wanted)}`);
    seen.add(key);
  }
  for (const key of expected.keys()) if (!seen.has(key)) found.push(`${key} is missing`);
  return found.length > SHOWN_MAX ? [...found.slice(0, SHOWN_MAX), `${found.length} in all`] : found;
}
