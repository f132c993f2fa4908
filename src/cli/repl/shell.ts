import type { Diagnostic } from "../../../grammar/ast.ts";
import { parse } from "../../../grammar/parse.ts";
import { hasErrors } from "../../analyze/reporter.ts";
import { SluiceError } from "../../errors.ts";
import type { Executed, StatementResult } from "../../project/statements/result.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import { INTERRUPTED } from "../interruption.ts";
import { counted, grouped, say, type TextStream } from "../output.ts";
import type { PipelineWatch } from "../pipeline-watch.ts";
import { printDiagnostics } from "../print-diagnostics.ts";
import { printError } from "../print-error.ts";
import { ResultsOutput } from "../results-output.ts";
import type { ChartSpec } from "../rows/chart.ts";
import type { Expanded } from "../rows/table-format.ts";
import type { OutputFormat } from "../rows-output.ts";
import { type Engine, StatementFault } from "./engine.ts";
import { Pager } from "./pager.ts";
import { type Input, readInput } from "./read-input.ts";

/** What commands change of how results are shown. */
export interface Display {
  format: OutputFormat;
  expanded: Expanded;
  chart: ChartSpec | null;
  timing: boolean;
  /** Null: nothing is paged. */
  pager: string | null;
  /** Null: standard output. */
  file: TextStream | null;
}

export interface Script {
  /** How it is called in messages; null: it was typed. */
  readonly file: string | null;
  readonly text: string;
}

export type RunCommand = (shell: Shell, command: Input, signal: AbortSignal) => Promise<number>;

export interface ShellOptions {
  readonly engine: Engine;
  readonly watch: PipelineWatch;
  readonly display: Display;
  /** What is done about lines that begin with a backslash. */
  readonly runCommand: RunCommand;
  /** Go on behind a statement that failed. */
  readonly keepsGoing: boolean;
  /** The engine of a server, or (null) of the project. */
  readonly open: (url: string | null) => Promise<Engine>;
}

/** Executes statements and commands, and shows what they give, whoever typed or wrote them. */
export class Shell {
  engine: Engine;
  readonly display: Display;
  /** Nothing more is to be executed. */
  isLeft = false;
  /** The last statement that was executed. */
  lastStatement: string | null = null;
  private readonly options: ShellOptions;
  private results = new ResultsOutput();

  constructor(options: ShellOptions) {
    this.options = options;
    this.engine = options.engine;
    this.display = options.display;
  }

  /**
   * Resolves with the exit code, that of the first error. Of a text with a statement that cannot be parsed none is
   * executed, unless the shell keeps going. Whatever goes wrong is told, not thrown.
   */
  async run(script: Script, signal: AbortSignal): Promise<number> {
    const { inputs, rest } = readInput(script.text);
    const all = rest === null ? inputs : [...inputs, rest];
    if (!this.options.keepsGoing && (await this.hasFaults(script, all))) return 1;
    let code = 0;
    for (const input of all) {
      const one = await this.one(script, input, signal);
      code = code === 0 ? one : code;
      if (signal.aborted) return INTERRUPTED;
      if (this.isLeft || (code !== 0 && !this.options.keepsGoing)) return code;
    }
    return code;
  }

  /** As `run`, of a text that a person has just typed: nothing stands before its results. */
  runTyped(text: string, signal: AbortSignal): Promise<number> {
    this.results = new ResultsOutput();
    return this.run({ file: null, text }, signal);
  }

  leave(): number {
    this.isLeft = true;
    return 0;
  }

  async close(): Promise<void> {
    await this.engine.close();
    const { file } = this.display;
    if (file !== null) await new Promise<void>((resolve) => file.end(resolve));
  }

  /** Goes on with a server, or with the project (`-`); what was set and declared stays behind. Says where it is then. */
  async connect(where: string): Promise<string> {
    if (where !== "") {
      const before = this.engine;
      this.engine = await this.options.open(where === "-" ? null : where);
      await before.close();
    }
    return `Statements are executed by ${this.engine.place}.`;
  }

  private async statement(script: Script, { text, start }: Input, signal: AbortSignal): Promise<number> {
    const startedMs = performance.now();
    const executed = await orAbort(this.engine.execute(text), signal, giveUp);
    if (executed === null) return 0;
    this.lastStatement = text;
    await this.tell(script, executed.diagnostics, start);
    if (executed.result === null) return 1;
    const rows = await this.show(executed.result, signal);
    if (this.display.timing) await say(timing(performance.now() - startedMs, rows));
    return 0;
  }

  private async one(script: Script, input: Input, signal: AbortSignal): Promise<number> {
    try {
      if (input.kind === "statement") return await this.statement(script, input, signal);
      return await this.options.runCommand(this, input, signal);
    } catch (error) {
      if (signal.aborted) return INTERRUPTED;
      if (error instanceof StatementFault) await this.tell(script, error.diagnostics, input.start);
      else await printError(error);
      return asSluiceError(error).exitCode;
    } finally {
      this.options.watch.close();
    }
  }

  private async hasFaults(script: Script, inputs: readonly Input[]): Promise<boolean> {
    const faulty = inputs
      .filter(({ kind }) => kind === "statement")
      .map((input) => ({ input, diagnostics: parse(input.text).diagnostics }))
      .filter(({ diagnostics }) => hasErrors(diagnostics));
    for (const { input, diagnostics } of faulty) await this.tell(script, diagnostics, input.start);
    return faulty.length > 0;
  }

  /** Diagnostics of a part of the script, at their places in the whole. */
  private async tell({ file, text }: Script, diagnostics: readonly Diagnostic[], start: number): Promise<void> {
    const placed = diagnostics.map((one) => ({ ...one, span: { start: one.span.start + start, end: one.span.end + start } }));
    await printDiagnostics(process.stderr, { file, text, diagnostics: placed });
  }

  private async show(result: StatementResult, signal: AbortSignal): Promise<number | null> {
    const { display } = this;
    const ends = result.kind === "table" || (result.kind === "rows" && result.isBounded);
    if (display.file !== null || display.pager === null || !ends) {
      return await this.results.show(result, display.file ?? process.stdout, display, signal);
    }
    const left = new AbortController();
    const pager = new Pager(process.stdout, display.pager, () => left.abort());
    try {
      return await this.results.show(result, pager, display, AbortSignal.any([signal, left.signal]));
    } finally {
      await new Promise<void>((resolve) => pager.end(resolve));
    }
  }
}

/** What cannot be stopped is not waited for; what it gives in the end is left to `forget`. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal, forget: (late: T) => void): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    aborted.reject(new SluiceError("STOPPED", "the statement was given up"));
    work.then(forget, () => undefined);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function giveUp(late: Executed | null): void {
  const result = late?.result;
  if (result?.kind === "rows" || result?.kind === "run") result.stop(0);
  if (result?.kind === "run") result.ended.catch(() => undefined);
}

function timing(ms: number, rows: number | null): string {
  const time = ms < 1_000 ? `${ms.toFixed(1)} ms` : `${(ms / 1_000).toFixed(3)} s`;
  return rows === null ? `Time: ${time}` : `Time: ${time}, ${counted(rows, "row")}, ${grouped((rows / ms) * 1_000)} rows/s`;
}
