import type { ConnectorFile, ConnectorProperty, ForeignProblem } from "./connector-file.ts";

/** Characters as Java reads them: escapes decoded, continued lines joined, each with the place where it was written. */
interface Decoded {
  readonly units: string[];
  readonly offsets: number[];
}

const isBlank = (unit: string): boolean => unit === " " || unit === "\t" || unit === "\f";
const isSeparator = (unit: string): boolean => unit === "=" || unit === ":";
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

/**
 * Java's `.properties`: `name=value`, `name: value` and `name value`; `#` and `!` begin comments; a backslash at the end of a line
 * continues it; `\t \n \r \f \uXXXX` are escapes, before anything else a backslash is dropped.
 */
export function readProperties(text: string): ConnectorFile {
  return new PropertiesReader(text).read();
}

class PropertiesReader {
  private readonly text: string;
  private position = 0;
  private comments: string[] = [];
  private readonly problems: ForeignProblem[] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): ConnectorFile {
    const properties: ConnectorProperty[] = [];
    for (this.skipBlanks(); this.position < this.text.length; this.skipBlanks()) {
      const unit = this.text.charAt(this.position);
      if (this.isLineEnd()) this.skipLineEnd();
      else if (unit === "#" || unit === "!") this.comments.push(this.readComment());
      else if (!this.skipContinuation()) properties.push(this.readProperty());
    }
    return { properties, problems: this.problems };
  }

  private readComment(): string {
    const end = this.lineEnd();
    const comment = this.text.slice(this.position + 1, end).trim();
    this.position = end;
    return comment;
  }

  private readProperty(): ConnectorProperty {
    const start = this.position;
    const name = this.readPart((unit) => isBlank(unit) || isSeparator(unit));
    this.skipBlanks();
    if (isSeparator(this.text.charAt(this.position))) this.position++;
    this.skipContinued();
    const value = this.readPart(() => false);
    const { comments } = this;
    this.comments = [];
    return { name: name.units.join(""), value: value.units.join(""), start, offsets: [...value.offsets, this.position], comments };
  }

  /** Up to the end of the (continued) line, or to a unit that ends it and is not escaped. */
  private readPart(endsAt: (unit: string) => boolean): Decoded {
    const decoded: Decoded = { units: [], offsets: [] };
    while (this.position < this.text.length && !this.isLineEnd()) {
      const unit = this.text.charAt(this.position);
      if (unit !== "\\" && endsAt(unit)) break;
      if (this.skipContinuation()) continue;
      decoded.offsets.push(this.position);
      decoded.units.push(unit === "\\" ? this.readEscape() : this.take());
    }
    return decoded;
  }

  private take(): string {
    return this.text.charAt(this.position++);
  }

  private readEscape(): string {
    const start = this.position++;
    const unit = this.take();
    if (unit !== "u") return ESCAPES[unit] ?? unit;
    const digits = this.text.slice(this.position, this.position + 4);
    if (!/^[\da-f]{4}$/i.test(digits)) {
      this.problems.push({ message: "\\u takes four hexadecimal digits", hint: "\\\\ is a backslash", start, end: this.position });
      return unit;
    }
    this.position += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  /** A backslash before the end of the line, that end, and the blanks the next line begins with. */
  private skipContinuation(): boolean {
    if (this.text.charAt(this.position) !== "\\" || !this.isLineEnd(this.position + 1)) return false;
    this.position++;
    this.skipLineEnd();
    this.skipBlanks();
    return true;
  }

  private skipContinued(): void {
    do this.skipBlanks();
    while (this.skipContinuation());
  }

  private skipBlanks(): void {
    while (isBlank(this.text.charAt(this.position))) this.position++;
  }

  private isLineEnd(at: number = this.position): boolean {
    const unit = this.text.charAt(at);
    return unit === "\n" || unit === "\r";
  }

  private skipLineEnd(): void {
    if (this.take() === "\r" && this.text.charAt(this.position) === "\n") this.position++;
  }

  private lineEnd(): number {
    let end = this.position;
    while (end < this.text.length && !this.isLineEnd(end)) end++;
    return end;
  }
}
