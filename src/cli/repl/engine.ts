import type { Diagnostic } from "../../../grammar/ast.ts";
import type { Completions } from "../../../grammar/complete.ts";
import { SluiceError } from "../../errors.ts";
import type { Executed } from "../../project/statements/result.ts";

/** Who executes the statements of a shell: the project's own session, or a server. */
export interface Engine {
  /** For people. */
  readonly place: string;
  /**
   * Executes the one statement of a text; null: there is none in it. Rejects with what the outside does, and with
   * StatementFault where what is wrong with the text is found late: so may the rows of a result.
   */
  execute(statement: string): Promise<Executed | null>;
  /** What could be written at a place of a text. */
  complete(text: string, offset: number): Promise<Completions>;
  close(): Promise<void>;
}

/** What is wrong with the text of a statement. */
export class StatementFault extends SluiceError {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super("STATEMENT_INVALID", diagnostics.map(({ message }) => message).join("; "));
    this.name = "StatementFault";
    this.diagnostics = diagnostics;
  }
}
