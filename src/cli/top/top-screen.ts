const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";

/** The terminal as a whole, drawn anew without flicker; what stood there before comes back at the end. */
export class TopScreen {
  private readonly output: NodeJS.WriteStream;
  private readonly input: NodeJS.ReadStream;
  private readonly onInput: (text: Buffer) => void;
  private readonly onResize: () => void;

  constructor(onKey: (key: string) => void, onResize: () => void, output = process.stdout, input = process.stdin) {
    this.output = output;
    this.input = input;
    this.onInput = (text) => {
      for (const key of text.toString()) onKey(key);
    };
    this.onResize = onResize;
    output.write(ENTER);
    output.on("resize", onResize);
    input.setRawMode?.(true);
    input.on("data", this.onInput);
    input.resume();
  }

  /** Lines that do not fit are cut off, at the side and below. */
  draw(lines: readonly string[]): void {
    const { columns = 80, rows = 24 } = this.output;
    const shown = lines.slice(0, rows).map((line) => `${[...line].slice(0, columns).join("")}\u001b[K`);
    this.output.write(`\u001b[H${shown.join("\r\n")}\u001b[J`);
  }

  close(): void {
    this.output.off("resize", this.onResize);
    this.input.off("data", this.onInput);
    this.input.setRawMode?.(false);
    this.input.pause();
    this.output.write(LEAVE);
  }
}
