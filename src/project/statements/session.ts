import type { Diagnostic } from "../../../grammar/ast.ts";
import { parse } from "../../../grammar/parse.ts";
import { split } from "../../../grammar/split.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import { createReporter, finished, hasErrors } from "../../analyze/reporter.ts";
import { type Variables, withVariables } from "../../analyze/variables.ts";
import { check } from "./check.ts";
import { type SessionOptions, SessionResources, type SessionState, type StatementContext } from "./context.ts";
import { execute } from "./execute.ts";
import { afterStatement, writtenText } from "./preamble.ts";
import type { Executed } from "./result.ts";

/**
 * Statements that are executed one after the other, each knowing what those before it said: SET, DEFINE, CREATE and
 * DROP hold until the session is closed. What a command, a REPL and a server run statements by.
 */
export class StatementSession {
  private readonly options: SessionOptions;
  private readonly resources: SessionResources;
  private state: SessionState;

  constructor(options: SessionOptions, given: Partial<SessionState> = {}) {
    this.options = options;
    this.resources = new SessionResources(options);
    const { variables, catalog } = options.project;
    this.state = { settings: {}, variables, streams: catalog.streams, stages: [], preamble: [], ...given };
  }

  get variables(): Variables {
    return this.state.variables;
  }

  /** From now on these streams are known, and no others: somebody else has declared them. */
  know(streams: SessionState["streams"]): void {
    this.state = { ...this.state, streams };
  }

  /** Of the project, and those declared since. */
  get streams(): SessionState["streams"] {
    return this.state.streams;
  }

  /**
   * Executes the statements of a text, each when the result before it was taken. Ends at the first that has an error; of a
   * text that cannot be parsed none is executed. Rejects with what the outside does: such a statement is given up, the session goes on.
   */
  run(text: string): AsyncGenerator<Executed, void> {
    return this.each(text, execute);
  }

  /** What `run` would find before it asks the outside, up to the first statement with errors. Nothing is done. */
  async check(text: string): Promise<readonly Diagnostic[]> {
    const found: Diagnostic[] = [];
    const { host, ...options } = this.options;
    const rehearsal = new StatementSession(host === undefined ? options : { ...options, host: host.rehearse() }, this.state);
    for await (const { diagnostics } of rehearsal.each(text, check)) found.push(...diagnostics);
    return found;
  }

  private async *each(text: string, perform: typeof execute): AsyncGenerator<Executed, void> {
    const parsed = parse(text);
    if (hasErrors(parsed.diagnostics)) {
      yield { statement: null, diagnostics: parsed.diagnostics, result: null };
      return;
    }
    const pieces = split(text);
    for (const [index, written] of parsed.statements.entries()) {
      const end = parsed.statements[index + 1]?.span.start ?? Number.POSITIVE_INFINITY;
      const said = parsed.diagnostics.filter(({ span }) => span.start < end && (index === 0 || span.start >= written.span.start));
      const executed = await this.perform(perform, { text, written: writtenText(text, pieces, written) }, written, said);
      yield executed;
      if (executed.result === null) return;
    }
  }

  private async perform(
    perform: typeof execute,
    texts: Pick<StatementContext, "text" | "written">,
    written: Statement,
    said: Executed["diagnostics"],
  ): Promise<Executed> {
    const { options, resources, state } = this;
    const one = { text: texts.text, statements: [written], diagnostics: said, incomplete: false };
    const { statements, diagnostics, variables } = withVariables(one, state.variables);
    const report = createReporter(diagnostics);
    if (hasErrors(diagnostics)) return { statement: written, diagnostics, result: null };
    const context: StatementContext = {
      ...options,
      catalog: { ...options.project.catalog, streams: state.streams },
      state: { ...state, variables },
      resources,
      ...texts,
      report,
      change: (change) => {
        this.state = { ...this.state, ...change };
      },
    };
    const result = await perform(statements[0] ?? written, context);
    const found = finished(report);
    if (result === null || hasErrors(found)) return { statement: written, diagnostics: found, result: null };
    this.state = { ...this.state, preamble: afterStatement(this.state.preamble, { statement: written, text: texts.written }) };
    return { statement: written, diagnostics: found, result };
  }

  /** Of what statements gave, nothing can be read any more. */
  close(): Promise<void> {
    return this.resources.close();
  }
}
