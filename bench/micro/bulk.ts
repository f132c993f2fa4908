import { bulkBody, cutOf } from "../../src/adapters/elasticsearch/bulk-body.ts";
import { documentTextOf, idOf } from "../../src/model/change.ts";
import { changes } from "./changes.ts";
import { inTurns, type MicroBench } from "./harness.ts";

const ROWS = 20_000;
const DOCUMENTS = 1000;

export const bulk: MicroBench = {
  name: "bulk",
  what: "rows of 75 bytes as bodies of bulk requests, 1,000 documents each",
  measure(options) {
    const batch = changes(ROWS);
    const rows = Int32Array.from({ length: ROWS }, (_, row) => row);
    const byText = (): unknown => {
      const bodies: Buffer[] = [];
      for (let from = 0; from < ROWS; from += DOCUMENTS) {
        const lines: string[] = [];
        for (let row = from; row < from + DOCUMENTS; row++) {
          const action = { _index: "bench", _id: idOf(batch, row), version: batch.versions[row], version_type: "external" };
          lines.push(JSON.stringify({ index: action }), documentTextOf(batch, row));
        }
        bodies.push(Buffer.from(`${lines.join("\n")}\n`));
      }
      return bodies;
    };
    const byBytes = (): unknown => {
      const bodies: Buffer[] = [];
      for (let from = 0; from < ROWS; ) {
        const to = cutOf(batch, rows, from, DOCUMENTS, 4 << 20);
        bodies.push(bulkBody(batch, rows.subarray(from, to), "bench"));
        from = to;
      }
      return bodies;
    };
    const ways = [
      { name: "JSON.stringify and join", isNaive: true, run: byText },
      { name: "bytes", run: byBytes },
    ];
    return inTurns(ROWS, ways, options);
  },
};
