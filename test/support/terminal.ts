import { type IPty, spawn } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { onTestFinished } from "vitest";
import { BIN } from "./package.ts";
import { until } from "./until.ts";

export const KEYS = {
  enter: "\r",
  tab: "\t",
  up: "\u001b[A",
  ctrlC: "\u0003",
  ctrlD: "\u0004",
  ctrlR: "\u0012",
  escape: "\u001b",
} as const;

export interface TerminalOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** The real command line on a pseudo terminal, whose screen can be read as a person reads it. */
export class Terminal {
  private readonly pty: IPty;
  private readonly screen: InstanceType<typeof xterm.Terminal>;
  private raw = "";
  /** null: it runs. */
  exitCode: number | null = null;

  constructor(args: readonly string[], { cwd, env = {}, columns = 100, rows = 30 }: TerminalOptions) {
    this.screen = new xterm.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
    // Node takes a terminal of CI for one without colours.
    const { FORCE_COLOR: _, CI: __, ...inherited } = process.env;
    this.pty = spawn(process.execPath, [BIN, ...args], {
      name: env["TERM"] ?? "xterm-256color",
      cols: columns,
      rows,
      cwd,
      env: { ...inherited, NO_COLOR: "1", PAGER: "", SLUICE_HISTORY: "", ...env },
    });
    this.pty.onData((text) => {
      this.raw += text;
      this.screen.write(text);
    });
    this.pty.onExit(({ exitCode }) => {
      this.exitCode = exitCode;
    });
    onTestFinished(() => {
      if (this.exitCode === null) this.pty.kill("SIGKILL");
      this.screen.dispose();
    });
  }

  /** What a person sees, and what has scrolled away; without empty lines at the end. */
  get text(): string {
    const { active } = this.screen.buffer;
    const lines: string[] = [];
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row);
      const shown = line?.translateToString(true) ?? "";
      if (line?.isWrapped === true) lines.push((lines.pop() ?? "") + shown);
      else lines.push(shown);
    }
    return lines.join("\n").replace(/\n+$/, "");
  }

  /** From the left and from the top, what has scrolled away counted. */
  get cursor(): readonly [column: number, row: number] {
    const { cursorX, cursorY, baseY } = this.screen.buffer.active;
    return [cursorX, baseY + cursorY];
  }

  /** All that was written, with its escape sequences. */
  get written(): string {
    return this.raw;
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  /** Waits until the screen has it. */
  async see(what: string | RegExp, withinMs = 20_000): Promise<void> {
    const isThere = (): boolean => (typeof what === "string" ? this.text.includes(what) : what.test(this.text));
    await until(isThere, String(what), withinMs, () => `on the screen:\n${this.text}`);
  }

  /** Types, then Tab, until what that gives is seen. */
  async complete(typed: string, seen: string | RegExp): Promise<void> {
    this.type(typed);
    // Keys that come at once are taken as pasted: Tab is no key then.
    await this.see(typed);
    this.type(KEYS.tab);
    await this.see(seen);
  }

  /** Waits until the prompt is the last line. */
  async prompt(): Promise<void> {
    await this.see(/(^|\n)sluice> $/);
  }

  /** Types a line, and waits until there is a prompt behind what it gave. */
  async enter(line: string): Promise<void> {
    const before = this.prompts;
    this.type(`${line}${KEYS.enter}`);
    await until(
      () => this.prompts > before,
      `a prompt behind ${line}`,
      20_000,
      () => `on the screen:\n${this.text}`,
    );
    await this.prompt();
  }

  private get prompts(): number {
    return this.text.match(/^sluice>/gm)?.length ?? 0;
  }

  async exited(): Promise<number> {
    await until(
      () => this.exitCode !== null,
      "its end",
      20_000,
      () => `on the screen:\n${this.text}`,
    );
    return this.exitCode as number;
  }
}
