import { describe, expect, it } from "vitest";
import { type ColumnBatch, Tag } from "../../src/model/column-batch.ts";
import { runStatement } from "./run-statement.ts";

const DOCUMENTS = [
  '{"s":"abc","e":"a\\"b","n":1.50,"w":12345678901234567890,"o":{"x":[1,"y"]},"t":"2026-01-01T00:00:00Z","b":true,"l":[1,2]}',
  '{"s":"def","e":"plain","n":-2,"w":1,"o":{"x":null,"z":{}},"t":5,"b":null,"l":[]}',
  '{"s":"abc","o":{}}',
];

/** Each column's texts in a buffer of its own, in the order of the last row first, so that no range of the batch fits any more. */
function relocated(batch: ColumnBatch): ColumnBatch {
  const columns = batch.columns.map((column) => {
    const starts = column.starts.slice();
    const ends = column.ends.slice();
    const pieces: Uint8Array[] = [Buffer.from("~~~")];
    let length = 3;
    for (let row = batch.count - 1; row >= 0; row--) {
      const quote = column.tags[row] === Tag.string || column.tags[row] === Tag.escaped ? 1 : 0;
      const piece = column.bytes.subarray((starts[row] as number) - quote, (ends[row] as number) + quote);
      starts[row] = length + quote;
      ends[row] = length + piece.length - quote;
      pieces.push(piece);
      length += piece.length;
    }
    return { ...column, bytes: Buffer.concat(pieces), starts, ends };
  });
  return { ...batch, columns };
}

describe("columns with bytes of their own", () => {
  it.each([
    "SELECT s, e, n, w, o, b, l FROM t",
    "SELECT * FROM t",
    "SELECT *, n + 1 AS n FROM t",
    "SELECT o.*, s FROM t",
    "SELECT upper(s) AS u, e || 'x' AS x, w + 1 AS i, o.x AS ox, CAST(t AS TIMESTAMP) AS ts, l[1] AS first FROM t WHERE s <> 'def' OR n < 0",
    "SELECT s, COUNT(*) AS c, SUM(n) AS total, MAX(t) AS m FROM t WHERE s LIKE 'a%' OR b GROUP BY s",
    "SELECT s, e, COUNT(*) AS c FROM t GROUP BY s, e",
    "SELECT s, element FROM t CROSS JOIN UNNEST(l) AS u(element)",
  ])("give the same: %s", (query) => {
    const sql = `INSERT INTO out ${query}`;
    const plain = runStatement(sql, DOCUMENTS);
    const moved = runStatement(sql, DOCUMENTS, { dress: relocated });
    expect(moved.texts).toEqual(plain.texts);
    expect([...moved.errors]).toEqual([...plain.errors]);
    expect(plain.texts.length).toBeGreaterThan(0);
  });
});
