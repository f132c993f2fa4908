/** How rows, given as JSON documents, become text. Formats keep what they need to know of the rows before. */
export interface RowsFormat {
  rows(documents: readonly string[]): string;
  /** What stands behind the last row. */
  end(): string;
}
