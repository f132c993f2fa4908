import type { EventTimes } from "./task.ts";

/** What of a statement's joins is generated code. */
export interface CompiledJoins {
  /** By input. */
  readonly times: readonly EventTimes[];
  /** By input: what is said of a record without an event time. */
  readonly missingTime: readonly string[];
  /** The generated text. */
  readonly source: string;
}
