/** The candidate that was probably meant, or null: one slip of the fingers in words of up to five letters, else two. */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const written = word.toUpperCase();
  let best: string | null = null;
  let bestDistance = written.length <= 5 ? 2 : 3;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written, candidate.toUpperCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Damerau–Levenshtein (optimal string alignment): insertions, deletions, replacements and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      let distance = Math.min(replaced, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      current.push(distance);
    }
    [beforeLast, last] = [last, current];
  }
  return last[b.length] ?? 0;
}

/** As `nearest`, else the only candidate that the word is a part of, or the other way round: people shorten and prefix their own names. */
export function likeliest(word: string, candidates: Iterable<string>): string | null {
  const all = [...new Set(candidates)];
  const close = nearest(word, all);
  if (close !== null) return close;
  const [only, another] = all.filter((candidate) => areRelated(word, candidate));
  return only !== undefined && another === undefined ? only : null;
}

const PART_MIN = 4;
const PREFIX_MIN = 6;

/** `temp` and `temperature`, `retries` and `max.retries`, `deadletters` and `dead.letters`, `max.retry` and `max.retries`. */
function areRelated(word: string, candidate: string): boolean {
  const [a, b] = [letters(word), letters(candidate)];
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < PART_MIN) return false;
  if (long.startsWith(short) || parts(word).includes(b) || parts(candidate).includes(a)) return true;
  let common = 0;
  while (common < short.length && short[common] === long[common]) common++;
  return common >= PREFIX_MIN && common >= 0.7 * long.length;
}

const letters = (name: string): string => name.replaceAll(/[^\p{L}\p{N}]/gu, "").toLowerCase();

/** The words that a name is made of: by other signs, and by capitals within. */
const parts = (name: string): readonly string[] =>
  name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .map(letters);
