import type { Completions } from "../../../grammar/complete.ts";
import type { Executed } from "../../project/statements/result.ts";

/** Who executes the statements of a shell: the project's own session, or a server. */
export interface Engine {
  /** For people. */
  readonly place: string;
  /**
   * Executes the one statement of a text; null: there is none in it. Rejects with what the outside does. What the signal
   * ends is the execution; rows are ended by their own `stop`.
   */
  execute(statement: string, signal: AbortSignal): Promise<Executed | null>;
  /** What could be written at a place of a text. */
  complete(text: string, offset: number): Promise<Completions>;
  close(): Promise<void>;
}
