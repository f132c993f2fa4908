/** Chance: jitter of back-off, owner ids. Nothing else in the engine draws random numbers. */
export interface Random {
  /** In [0, 1). */
  next(): number;
}
