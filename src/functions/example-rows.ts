import type { Value } from "../model/value.ts";

/** Records with one field, `v`. */
export function column(values: readonly Value[]): readonly { readonly v: Value }[] {
  return values.map((v) => ({ v }));
}
