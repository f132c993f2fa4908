import type { RecordSlices } from "../../model/record-slices.ts";

/** Rows that were found, as records: their keys as they would lie in a topic (text, or JSON), and documents. */
export function foundSlices(rows: readonly { readonly key: string; readonly document: string }[]): RecordSlices {
  const count = rows.length;
  const texts = rows.flatMap(({ key, document }) => [Buffer.from(key.startsWith('"') ? JSON.parse(key) : key), Buffer.from(document)]);
  const places = new Int32Array(texts.length + 1);
  for (const [index, text] of texts.entries()) places[index + 1] = (places[index] as number) + text.length;
  const at = (part: 0 | 1 | 2): Int32Array => Int32Array.from({ length: count }, (_, row) => places[row * 2 + part] as number);
  const none = new Int32Array(count).fill(-1);
  return {
    topic: "",
    partition: 0,
    count,
    bytes: Buffer.concat(texts),
    offsets: new Float64Array(count),
    timestampsMs: new Float64Array(count),
    keyStarts: at(0),
    keyEnds: at(1),
    valueStarts: at(1),
    valueEnds: at(2),
    headerStarts: none,
    headerEnds: none,
    nextOffset: 0,
    mark: { offset: -1, timestampMs: -1, checksum: 0 },
  };
}
