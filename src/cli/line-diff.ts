/** More lines than this on both sides are not compared one by one. */
const LINES_MAX = 2_000;

/** What changes between two texts: `-` and `+` lines under `@ line`, without the lines that stay. */
export function lineDiff(before: string, after: string): string[] {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return compare(a.slice(start, a.length - tail), b.slice(start, b.length - tail), start + 1);
}

function compare(a: readonly string[], b: readonly string[], firstLine: number): string[] {
  const common = a.length > LINES_MAX || b.length > LINES_MAX ? null : commonLengths(a, b);
  const lines: string[] = [];
  let [i, j, isOpen] = [0, 0, false];
  while (i < a.length || j < b.length) {
    if (common !== null && i < a.length && j < b.length && a[i] === b[j]) {
      [i, j, isOpen] = [i + 1, j + 1, false];
      continue;
    }
    if (!isOpen) lines.push(`@ ${firstLine + i}`);
    isOpen = true;
    const removes = j === b.length || (i < a.length && at(common, i + 1, j) >= at(common, i, j + 1));
    lines.push(removes ? `-${a[i++]}` : `+${b[j++]}`);
  }
  return lines;
}

/** How many lines the rests behind two places have in common, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i] as Uint16Array;
      row[j] = a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

const at = (table: readonly Uint16Array[] | null, i: number, j: number): number => table?.[i]?.[j] ?? 0;
