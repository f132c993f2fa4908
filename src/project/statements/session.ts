import { parse } from "../../../grammar/parse.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import { createReporter, finished, hasErrors } from "../../analyze/reporter.ts";
import { type Variables, withVariables } from "../../analyze/variables.ts";
import { type SessionOptions, SessionResources, type SessionState, type StatementContext } from "./context.ts";
import { execute } from "./execute.ts";
import type { Executed } from "./result.ts";

/**
 * Statements that are executed one after the other, each knowing what those before it said: SET, DEFINE, CREATE and
 * DROP hold until the session is closed. What a command, a REPL and a server run statements by.
 */
export class StatementSession {
  private readonly options: SessionOptions;
  private readonly resources: SessionResources;
  private state: SessionState;

  constructor(options: SessionOptions, given: Partial<Pick<SessionState, "settings" | "variables">> = {}) {
    this.options = options;
    this.resources = new SessionResources(options);
    this.state = { settings: {}, variables: options.project.variables, streams: options.project.catalog.streams, stages: [], ...given };
  }

  get variables(): Variables {
    return this.state.variables;
  }

  /** Of the project, and those declared since. */
  get streams(): SessionState["streams"] {
    return this.state.streams;
  }

  /**
   * Executes the statements of a text, each when the result before it was taken. Ends at the first that has an error; of a
   * text that cannot be parsed none is executed. Rejects with what the outside does: such a statement is given up, the session goes on.
   */
  async *run(text: string): AsyncGenerator<Executed, void> {
    const parsed = parse(text);
    if (hasErrors(parsed.diagnostics)) {
      yield { statement: null, diagnostics: parsed.diagnostics, result: null };
      return;
    }
    for (const [index, written] of parsed.statements.entries()) {
      const end = parsed.statements[index + 1]?.span.start ?? Number.POSITIVE_INFINITY;
      const said = parsed.diagnostics.filter(({ span }) => span.start < end && (index === 0 || span.start >= written.span.start));
      const executed = await this.execute(text, written, said);
      yield executed;
      if (executed.result === null) return;
    }
  }

  private async execute(text: string, written: Statement, said: Executed["diagnostics"]): Promise<Executed> {
    const { options, resources, state } = this;
    const one = { text, statements: [written], diagnostics: said, incomplete: false };
    const { statements, diagnostics, variables } = withVariables(one, state.variables);
    const report = createReporter(diagnostics);
    if (hasErrors(diagnostics)) return { statement: written, diagnostics, result: null };
    const context: StatementContext = {
      ...options,
      catalog: { ...options.project.catalog, streams: state.streams },
      state: { ...state, variables },
      resources,
      text,
      report,
      change: (change) => {
        this.state = { ...this.state, ...change };
      },
    };
    const result = await execute(statements[0] ?? written, context);
    const found = finished(report);
    return { statement: written, diagnostics: found, result: hasErrors(found) ? null : result };
  }

  /** Of what statements gave, nothing can be read any more. */
  close(): Promise<void> {
    return this.resources.close();
  }
}
