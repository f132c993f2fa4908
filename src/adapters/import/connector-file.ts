/** A configuration of Kafka Connect as it was written. */
export interface ConnectorFile {
  readonly properties: readonly ConnectorProperty[];
  readonly problems: readonly ForeignProblem[];
}

export interface ConnectorProperty {
  readonly name: string;
  readonly value: string;
  /** Where it begins in the file. */
  readonly start: number;
  /** Where each UTF-16 unit of the value was written, and where the value ends: one more than the value has units. */
  readonly offsets: readonly number[];
  /** Lines of comments above it, without their `#`. */
  readonly comments: readonly string[];
}

/** What is wrong with a foreign text, at half-open UTF-16 offsets. */
export interface ForeignProblem {
  readonly message: string;
  readonly hint: string | null;
  readonly start: number;
  readonly end: number;
}
