import { type Coordinates, SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ErrorBudgetSize } from "../../model/statement.ts";
import type { ChangeError } from "../../ports/sink.ts";

/** How many records and changes a task may skip since it was opened; a number, or a share of the records that it has taken. */
export class ErrorBudget {
  private spent = 0;
  private readonly size: ErrorBudgetSize | null;
  private readonly taken: () => number;

  /** `taken`: records since it was opened. */
  constructor(size: ErrorBudgetSize | null, taken: () => number) {
    this.size = size;
    this.taken = taken;
  }

  /** For one that is to be skipped, after so many `more` records than those taken. null: it may be; else why the statement stops. */
  spend({ message, coordinates }: ChangeError & { readonly coordinates: Coordinates }, more = 0): SluiceError | null {
    if (this.size === null) return null;
    const max = this.allowed(this.taken() + more);
    if (this.spent < max) {
      this.spent++;
      return null;
    }
    const written = this.size.kind === "number" ? `${this.size.max}` : `${this.size.percent}%`;
    const hint = "what was skipped before lies where dead.letters says; mend the cause, and start the statement again";
    const why = `more than ${max} could not be taken (error.budget ${written}); this one: ${message}`;
    return new SluiceError("ERROR_BUDGET_SPENT", why, { coordinates, hint });
  }

  private allowed(taken: number): number {
    if (this.size?.kind !== "share") return this.size?.max ?? 0;
    return Math.floor((Math.max(taken, LIMITS.errorShareRecordsMin) * this.size.percent) / 100);
  }
}
