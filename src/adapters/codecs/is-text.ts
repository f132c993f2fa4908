import { isUtf8 } from "node:buffer";

const HIGH_BITS = 0x80808080;

/** Whether `bytes[start, end)`, over which `view` is the view, is valid UTF-8. */
export function isText(bytes: Buffer, view: DataView, start: number, end: number): boolean {
  let at = start;
  for (; at + 4 <= end; at += 4) if ((view.getInt32(at, true) & HIGH_BITS) !== 0) return isUtf8(bytes.subarray(start, end));
  for (; at < end; at++) if (view.getInt8(at) < 0) return isUtf8(bytes.subarray(start, end));
  return true;
}
