import { LIMITS } from "../limits.ts";

/**
 * Keeps what was made of a text: patterns and paths are mostly literals, asked for in every row. Bounded; where it is full, the texts come
 * from the records, and it begins anew.
 */
export function compileOnce<T>(compile: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined) return kept;
    const made = compile(text);
    if (known.size >= LIMITS.compiledTextsMax) known.clear();
    known.set(text, made);
    return made;
  };
}
