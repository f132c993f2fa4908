import type { IParserErrorMessageProvider } from "chevrotain";

/** Thrown through the parser, which lets pass what is no error of its own. */
export class BudgetSpent extends Error {}

/**
 * Chevrotain's recovery costs a tenth of a millisecond for each error, so a long text of nonsense is given up on. It
 * asks for a message at each error: that is where they are counted. Its messages are not used (`syntax-errors.ts`).
 */
export class ErrorBudget implements IParserErrorMessageProvider {
  readonly #errorsMax: number;
  #left = 0;

  constructor(errorsMax: number) {
    this.#errorsMax = errorsMax;
  }

  refill(): void {
    this.#left = this.#errorsMax;
  }

  #spend(): string {
    this.#left--;
    if (this.#left < 0) throw new BudgetSpent();
    return "";
  }

  buildMismatchTokenMessage(): string {
    return this.#spend();
  }

  buildNotAllInputParsedMessage(): string {
    return this.#spend();
  }

  buildNoViableAltMessage(): string {
    return this.#spend();
  }

  buildEarlyExitMessage(): string {
    return this.#spend();
  }
}
