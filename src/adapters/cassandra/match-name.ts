/** The name that is meant: the same, or the only one that differs in case alone; null where there is none. */
export function matchName(wanted: string, names: readonly string[]): string | null {
  return names[nameFinder(names)(wanted)] ?? null;
}

/** By the same rule, for many that are wanted: index into `names`; -1: none. */
export function nameFinder(names: readonly string[]): (wanted: string) => number {
  const exact = new Map(names.map((name, index) => [name, index]));
  const folded = new Map<string, number>();
  for (const [index, name] of names.entries()) folded.set(name.toLowerCase(), folded.has(name.toLowerCase()) ? -1 : index);
  return (wanted) => exact.get(wanted) ?? folded.get(wanted.toLowerCase()) ?? -1;
}
