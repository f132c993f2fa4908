import { ByteWriter } from "../model/byte-writer.ts";
import { dataViewOf } from "../model/copy-bytes.ts";

/** A time as JSON text, valid until the next one is asked for. */
export class TimestampText {
  private readonly writer = new ByteWriter(64);
  private text = dataViewOf(this.writer.view());

  of(ms: number): DataView {
    const { writer } = this;
    writer.reset();
    writer.timestamp(ms);
    if (this.text.byteLength !== writer.length) this.text = dataViewOf(writer.view());
    return this.text;
  }
}
