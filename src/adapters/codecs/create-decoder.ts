import type { Decoder, DecoderOptions } from "../../ports/codec.ts";
import { FieldDecoder } from "./field-decoder.ts";
import { TranscodingDecoder } from "./transcoding-decoder.ts";

/** A decoder for the given fields. Columns come in the order of `options.fields`. */
export function createDecoder(options: DecoderOptions): Decoder {
  const { layout } = options;
  const liesThere = layout === undefined || (layout.key === null && layout.value === null);
  return liesThere ? new FieldDecoder(options) : new TranscodingDecoder(options, layout);
}
