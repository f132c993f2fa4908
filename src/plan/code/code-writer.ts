/** Lines of generated JavaScript with indentation and fresh names. */
export class CodeWriter {
  private readonly lines: string[] = [];
  private depth = 0;
  private names = 0;

  line(text: string): void {
    this.lines.push("  ".repeat(this.depth) + text);
  }

  /** `open {`, the body, `}`; further arms follow with `arm`. */
  block(open: string, body: () => void): void {
    this.line(`${open} {`);
    this.depth++;
    body();
    this.depth--;
    this.line("}");
  }

  fresh(prefix: string): string {
    return `${prefix}${this.names++}`;
  }

  toString(): string {
    return this.lines.join("\n");
  }
}

/** A literal of the language as JavaScript text: what comes from a statement enters generated code only through here. */
export function literalCode(value: null | boolean | number | string): string {
  return JSON.stringify(value);
}
