/** Larger: more centroids, and better estimates. With 200 a digest takes some 3 kB, and the median is right to a thousandth of ranks. */
const COMPRESSION = 200;
const BUFFER_MAX = 5 * COMPRESSION;

/**
 * Quantiles of any number of values from a few centroids, by Dunning and Ertl (2019): each stands for values next to each other, few of
 * them at both ends. A function of the values in their order.
 */
export class TDigest {
  private means: number[];
  private weights: number[];
  private buffer: number[];
  private least: number;
  private greatest: number;

  constructor(
    kept: TDigestState = { means: [], weights: [], buffer: [], least: Number.POSITIVE_INFINITY, greatest: Number.NEGATIVE_INFINITY },
  ) {
    this.means = [...kept.means];
    this.weights = [...kept.weights];
    this.buffer = [...kept.buffer];
    this.least = kept.least;
    this.greatest = kept.greatest;
  }

  get state(): TDigestState {
    const { means, weights, buffer, least, greatest } = this;
    return { means, weights, buffer, least, greatest };
  }

  add(value: number): void {
    this.buffer.push(value);
    this.least = Math.min(this.least, value);
    this.greatest = Math.max(this.greatest, value);
    if (this.buffer.length >= BUFFER_MAX) this.compress();
  }

  merge({ state }: TDigest): void {
    this.means.push(...state.means);
    this.weights.push(...state.weights);
    this.buffer.push(...state.buffer);
    this.least = Math.min(this.least, state.least);
    this.greatest = Math.max(this.greatest, state.greatest);
    if (state.means.length > 0 || this.buffer.length >= BUFFER_MAX) this.compress();
  }

  /** null: no value came. */
  quantile(share: number): number | null {
    const copy = new TDigest(this.state);
    copy.compress();
    const { means, weights } = copy;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) return null;
    const rank = share * (total - 1);
    // Each centroid stands in the middle of its values; between two of them values are taken to lie evenly.
    let before = 0;
    let [previousRank, previous] = [0, this.least];
    for (const [index, weight] of weights.entries()) {
      const middle = before + (weight - 1) / 2;
      const mean = means[index] as number;
      if (rank <= middle) return between(rank, previousRank, previous, middle, mean);
      [previousRank, previous] = [middle, mean];
      before += weight;
    }
    return between(rank, previousRank, previous, total - 1, this.greatest);
  }

  private compress(): void {
    const all = [
      ...this.means.map((mean, index) => ({ mean, weight: this.weights[index] as number })),
      ...this.buffer.map((mean) => ({ mean, weight: 1 })),
    ];
    all.sort((left, right) => left.mean - right.mean);
    const total = all.reduce((sum, { weight }) => sum + weight, 0);
    const merged: { mean: number; weight: number }[] = [];
    let before = 0;
    let limit = 0;
    for (const { mean, weight } of all) {
      const last = merged.at(-1);
      if (last !== undefined && before + last.weight + weight <= limit) {
        last.weight += weight;
        last.mean += ((mean - last.mean) * weight) / last.weight;
        continue;
      }
      before += last?.weight ?? 0;
      limit = total * shareUpTo(before / total);
      merged.push({ mean, weight });
    }
    this.means = merged.map(({ mean }) => mean);
    this.weights = merged.map(({ weight }) => weight);
    this.buffer = [];
  }
}

export interface TDigestState {
  readonly means: readonly number[];
  readonly weights: readonly number[];
  readonly buffer: readonly number[];
  readonly least: number;
  readonly greatest: number;
}

/** Up to which share of all values a centroid may reach that begins at a share: the scale function k₁. */
function shareUpTo(share: number): number {
  const k = (COMPRESSION / (2 * Math.PI)) * Math.asin(2 * share - 1) + 1;
  if (k >= COMPRESSION / 4) return 1;
  return (Math.sin((k * 2 * Math.PI) / COMPRESSION) + 1) / 2;
}

function between(rank: number, fromRank: number, from: number, toRank: number, to: number): number {
  return toRank <= fromRank ? to : from + ((rank - fromRank) / (toRank - fromRank)) * (to - from);
}
