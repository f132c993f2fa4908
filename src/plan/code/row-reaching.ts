/** The first row of [from, to) where a rising column has come to `bound`; `to` if there is none. */
export function rowReaching(rising: Float64Array, from: number, to: number, bound: number): number {
  if (from >= to || (rising[to - 1] as number) < bound) return to;
  let below = from - 1;
  let reached = to - 1;
  while (reached - below > 1) {
    const middle = (below + reached) >> 1;
    if ((rising[middle] as number) < bound) below = middle;
    else reached = middle;
  }
  return reached;
}
