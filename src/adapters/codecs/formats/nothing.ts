import type { LayoutCodec } from "./layout-codec.ts";

/** `none`: a part without columns. Whatever lies there is not looked at. */
export function nothingCodec(): LayoutCodec {
  return { read: () => [], write: () => null };
}
