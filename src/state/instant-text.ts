import { ByteWriter } from "../model/byte-writer.ts";
import { dataViewOf } from "../model/copy-bytes.ts";

/** A timestamp as JSON text, ready to be copied. */
export function instantText(ms: number): DataView {
  const writer = new ByteWriter(64);
  writer.timestamp(ms);
  return dataViewOf(writer.take());
}
