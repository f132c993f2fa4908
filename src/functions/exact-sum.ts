/** A sum of doubles without loss, as doubles of which none overlaps another, by rising size (Shewchuk 1997). Empty: 0. */
export type ExactSum = number[];

export function addExactly(sum: ExactSum, value: number): void {
  let carried = value;
  let used = 0;
  for (const part of sum) {
    const [large, small] = Math.abs(carried) < Math.abs(part) ? [part, carried] : [carried, part];
    carried = large + small;
    const lost = small - (carried - large);
    if (lost !== 0) sum[used++] = lost;
  }
  if (!Number.isFinite(carried)) throw new RangeError("the total is beyond the range of doubles");
  sum.length = used;
  if (carried !== 0) sum.push(carried);
}

/** The product without loss: of halves of 26 bits each no product rounds (Dekker 1971). */
export function addProductExactly(sum: ExactSum, left: number, right: number): void {
  const product = left * right;
  const [leftHigh, rightHigh] = [upperHalf(left), upperHalf(right)];
  const [leftLow, rightLow] = [left - leftHigh, right - rightHigh];
  addExactly(sum, product);
  addExactly(sum, leftLow * rightLow - (product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow));
}

function upperHalf(value: number): number {
  const spread = value * 134_217_729;
  return spread - (spread - value);
}

/** The double that is nearest to the sum. */
export function nearestDouble(sum: ExactSum): number {
  let next = sum.length - 1;
  if (next < 0) return 0;
  let total = sum[next] as number;
  let lost = 0;
  while (next > 0 && lost === 0) {
    const before = total;
    const part = sum[--next] as number;
    total = before + part;
    lost = part - (total - before);
  }
  // Halfway between two doubles, what is left decides.
  const below = next > 0 ? Math.sign(sum[next - 1] as number) : 0;
  if (lost === 0 || below !== Math.sign(lost)) return total;
  const other = total + lost * 2;
  return lost * 2 === other - total ? other : total;
}
