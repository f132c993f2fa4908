/**
 * Words of the wider language that is planned but not there yet. They stay usable as field names, never become an
 * alias by accident, and where they cannot be a name the error says what is missing instead of "unexpected".
 * A construct that gets built leaves this table and becomes a keyword of `tokens.ts`.
 */
export interface LaterWord {
  /** Plural subject of "… are not supported yet". */
  readonly what: string;
  readonly hint: string | null;
}

const later = (words: string, what: string, hint: string | null = null): [string, LaterWord][] =>
  words.split(" ").map((word) => [word, { what: what.replace("%", word), hint }]);

export const LATER_WORDS: ReadonlyMap<string, LaterWord> = new Map([
  ...later("NATURAL LATERAL", "% joins", "JOIN … ON names the condition"),
  ...later("EXCEPT INTERSECT", "% queries"),
  ...later("ALTER", "% statements", "CREATE OR REPLACE declares it anew"),
]);
