/** The same SQL in both dialects. */
export interface Both {
  readonly ours: string;
  readonly duck: string;
}

/** Both dialects at once: operands are rendered in each. */
export function both(strings: TemplateStringsArray, ...operands: readonly (Both | string)[]): Both {
  const side = (of: keyof Both): string =>
    strings.map((text, index) => text + (index < operands.length ? sideOf(operands[index] as Both | string, of) : "")).join("");
  return { ours: side("ours"), duck: side("duck") };
}

const sideOf = (operand: Both | string, of: keyof Both): string => (typeof operand === "string" ? operand : operand[of]);

/** `$1`, `$2` … stand for the arguments. */
export function filled(template: string, args: readonly string[]): string {
  return template.replaceAll(/\$(\d)/g, (_all, index: string) => args[Number(index) - 1] ?? "");
}

/** A repeatable source of chance. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)] as T;
  }
}
