import { type ChildProcess, spawn } from "node:child_process";
import { Writable } from "node:stream";
import stringWidth from "string-width";

/** Who has taken as much is there and reads: a pipe holds less. In characters. */
const TAKEN_MIN = 1_000_000;
/** What the shell says where there is no such program, or it cannot be run. */
const NOT_RUN: readonly (number | null)[] = [126, 127];

/**
 * Text on its way to a terminal: straight, if it fits on the screen, else through a pager. A person may leave the pager
 * early: then `onLeft` is called, and what is written yet goes nowhere.
 */
export class Pager extends Writable {
  readonly columns: number;
  private readonly terminal: NodeJS.WriteStream;
  private readonly command: string;
  private readonly onLeft: () => void;
  /** What may have to go straight yet. */
  private held = "";
  private child: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  private isStraight = false;
  private wasLeft = false;

  constructor(terminal: NodeJS.WriteStream, command: string, onLeft: () => void) {
    super({ decodeStrings: false });
    this.terminal = terminal;
    this.columns = terminal.columns;
    this.command = command;
    this.onLeft = onLeft;
  }

  override _write(text: string, _encoding: string, done: () => void): void {
    if (this.held.length < TAKEN_MIN) this.held += text;
    if (this.wasLeft) done();
    else if (this.isStraight) this.terminal.write(text, () => done());
    else if (this.child !== null) this.child.stdin?.write(text, () => done());
    else if (linesOf(this.held, this.columns) < this.terminal.rows) done();
    else this.start().stdin?.write(this.held, () => done());
  }

  override _final(done: () => void): void {
    if (this.child === null) this.terminal.write(this.held, () => done());
    else {
      this.child.stdin?.end();
      void this.ended.then(done);
    }
  }

  private start(): ChildProcess {
    // less: colours pass, long lines are cut, the screen stays as it is; what a person set goes first.
    const env = { LESS: "FRSX", ...process.env };
    const child = spawn(this.command, { shell: true, env, stdio: ["pipe", "inherit", "inherit"] });
    this.child = child;
    // Who leaves early does not read to the end.
    child.stdin.on("error", () => undefined);
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => {
        if (NOT_RUN.includes(code)) {
          this.isStraight = true;
          this.terminal.write(this.held, () => resolve());
        } else {
          this.wasLeft = true;
          this.onLeft();
          resolve();
        }
      });
    });
    return child;
  }
}

function linesOf(text: string, columns: number): number {
  const lines = text.split("\n");
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / columns)), 0) - 1;
}
