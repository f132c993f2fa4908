import { decodeHeaders } from "../../model/record-headers.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { FormatGuess } from "./guess-format.ts";

/** What the parts of the records of a topic may be. */
export interface RecordGuess {
  readonly key: FormatGuess;
  readonly value: FormatGuess;
}

/** One record as it lies in a topic, with what its bytes may mean, as JSON. */
export function recordJson(slices: RecordSlices, row: number, guess: RecordGuess): string {
  const { bytes, timestampsMs, partition, offsets } = slices;
  const part = (starts: Int32Array, ends: Int32Array): Buffer | null =>
    (starts[row] as number) < 0 ? null : bytes.subarray(starts[row], ends[row]);
  const key = guess.key.read(part(slices.keyStarts, slices.keyEnds));
  const value = guess.value.read(part(slices.valueStarts, slices.valueEnds));
  const headers = decodeHeaders(bytes, slices.headerStarts[row] as number, slices.headerEnds[row] as number);
  // null where the timestamp is no date.
  const at = JSON.stringify(new Date(timestampsMs[row] as number).toJSON());
  const shown = headers.map(([name, text]) => `${JSON.stringify(name)}:${new FormatGuess().read(text)}`).join(",");
  const place = `"timestamp":${at},"partition":${partition},"offset":${offsets[row]}`;
  return `{"key":${key},"value":${value},${place},"headers":{${shown}}}`;
}
