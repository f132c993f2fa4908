import type { RowsFormat } from "./rows-format.ts";

/** A document a line. */
export const NDJSON_FORMAT: RowsFormat = {
  rows: (documents) => documents.map((document) => `${document}\n`).join(""),
  end: () => "",
};

/** One array. */
export class JsonFormat implements RowsFormat {
  private count = 0;

  rows(documents: readonly string[]): string {
    return documents.map((document) => `${this.count++ === 0 ? "[\n" : ",\n"}  ${document}`).join("");
  }

  end(): string {
    return this.count === 0 ? "[]\n" : "\n]\n";
  }
}
