import { on } from "node:events";
import { type REPLServer, Recoverable, start } from "node:repl";
import { isColored, say } from "../output.ts";
import { COMMANDS } from "./commands.ts";
import { completed } from "./completer.ts";
import { highlightTyping } from "./highlight.ts";
import { historyFile, keepHistory } from "./history.ts";
import { readInput } from "./read-input.ts";
import type { Shell } from "./shell.ts";

const PROMPT = "sluice> ";
const LEAVING = "(Ctrl-C again, Ctrl-D or \\q leaves)";

/** Node has it, and its types do not. */
interface Editor extends REPLServer {
  readonly closed: boolean;
  /** Forgets what is typed, which stays on the screen. */
  clearLine(): void;
}

/** What was typed, and what tells the editor that it was executed. */
type Typed = readonly [text: string, done: () => void];

/**
 * Reads statements from the terminal and has them executed, one after the other, until the person leaves. Node's own editor
 * edits them; while a statement runs the terminal is as any program finds it, so that Ctrl-C is a signal, and a pager or an
 * editor can have it.
 */
export class Prompt {
  private readonly shell: Shell;
  private readonly input = process.stdin;
  private readonly server: Editor;
  private running: AbortController | null = null;
  private isAboutToLeave = false;

  private constructor(shell: Shell) {
    this.shell = shell;
    const isDumb = process.env["TERM"] === "dumb";
    this.server = start({
      prompt: PROMPT,
      input: this.input,
      output: process.stdout,
      terminal: !isDumb,
      useColors: isColored(process.stdout),
      preview: false,
      ignoreUndefined: true,
      eval: (text, _context, _file, done) => this.typed(text.replaceAll("\r", "\n"), done),
      completer: (line: string, done: (error: Error | null, result: [string[], string]) => void) => {
        completed(line, this.shell.engine).then(
          (result) => done(null, result),
          () => done(null, [[], line]),
        );
      },
    }) as Editor;
    this.defineDotCommands();
    this.server.removeAllListeners("SIGINT");
    this.server.on("SIGINT", () => this.interrupt());
    process.on("SIGINT", () => this.interrupt());
    if (!isDumb && isColored(process.stdout)) {
      highlightTyping(this.server, this.input, process.stdout, () => this.running === null);
    }
  }

  /** Resolves with the exit code when the person has left. */
  static async run(shell: Shell): Promise<number> {
    await say(`Statements are executed by ${shell.engine.place}. They end with ; and \\? tells more.`);
    const prompt = new Prompt(shell);
    // Listened to before anything can be typed; outside of the editor's own domain, where errors would be lost.
    const statements = on(prompt.server, "statement", { close: ["exit"] }) as AsyncIterable<Typed>;
    if (prompt.server.terminal) await keepHistory(prompt.server, historyFile(process.env));
    for await (const [text, done] of statements) {
      await prompt.execute(text);
      done();
      if (shell.isLeft) prompt.server.close();
    }
    return 0;
  }

  /** A statement that is not finished goes on in the next line. */
  private typed(text: string, done: (error: Error | null, result: undefined) => void): void {
    this.isAboutToLeave = false;
    if (readInput(text).isComplete) this.server.emit("statement", text, () => done(null, undefined));
    else done(new Recoverable(new Error("unfinished")), undefined);
  }

  private async execute(text: string): Promise<void> {
    const running = new AbortController();
    this.running = running;
    this.takeTerminal(false);
    try {
      await this.shell.runTyped(text.trimEnd(), running.signal);
    } finally {
      this.running = null;
      this.takeTerminal(true);
    }
  }

  /** The editor reads single keys; others want lines and signals. */
  private takeTerminal(isEditing: boolean): void {
    // Somebody left while it ran, or before.
    if (this.server.closed) return;
    if (!isEditing) this.server.pause();
    if (this.server.terminal) this.input.setRawMode(isEditing);
  }

  /** Ends what runs, and nothing else; else forgets what is typed; else leaves, when it is pressed again. */
  private interrupt(): void {
    const isEmpty = this.server.line === "";
    if (this.running !== null) {
      // Behind the ^C that the terminal shows.
      process.stdout.write("\n");
      this.running.abort();
    } else if (isEmpty && this.isAboutToLeave) this.server.close();
    else {
      this.isAboutToLeave = isEmpty;
      this.server.clearLine();
      this.server.clearBufferedCommand();
      if (isEmpty) process.stdout.write(`${LEAVING}\n`);
      this.server.displayPrompt();
    }
  }

  /** The editor has commands with a dot; its own are for JavaScript. */
  private defineDotCommands(): void {
    const { server } = this;
    for (const name of Object.keys(server.commands)) delete (server.commands as Record<string, unknown>)[name];
    for (const { name, dot } of COMMANDS) {
      for (const alias of dot) server.defineCommand(alias, (argument) => this.typed(`\\${name} ${argument}`, () => server.displayPrompt()));
    }
  }
}
