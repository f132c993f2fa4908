import { setImmediate as whatIsThere } from "node:timers/promises";
import type { Diagnostic, Span } from "../../../grammar/ast.ts";
import type { Completions } from "../../../grammar/complete.ts";
import { offsetAt } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import { split } from "../../../grammar/split.ts";
import { endOf, tokenize } from "../../../grammar/tokens.ts";
import { hasErrors } from "../../analyze/reporter.ts";
import type { RestClient, StreamItem } from "../../client/rest-client.ts";
import { ServerProblem } from "../../client/server-problem.ts";
import type { ReadOptions } from "../../project/statements/context.ts";
import { afterStatement, type Said, writtenText } from "../../project/statements/preamble.ts";
import { type Cell, type Executed, message, type RowsResult, type StatementResult, table } from "../../project/statements/result.ts";
import type { PipelineWatch } from "../pipeline-watch.ts";
import { type Engine, StatementFault } from "./engine.ts";

/** A diagnostic of the server, at its place in what was sent. */
interface Found extends Omit<Diagnostic, "span" | "severity"> {
  readonly line: number | null;
  readonly column: number | null;
}

/** What POST /v1/statements says of one. */
type Result = { readonly warnings: readonly Found[]; readonly notes: readonly string[] } & (
  | { readonly kind: "table"; readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] }
  | { readonly kind: "message" | "pipeline"; readonly text: string }
);

/** Statements on a server. It remembers nothing between requests: what was set and declared is sent along. */
export class ServerEngine implements Engine {
  readonly place: string;
  private readonly client: RestClient;
  private readonly options: ReadOptions;
  private readonly watch: PipelineWatch;
  private said: readonly Said[] = [];

  constructor(client: RestClient, { watch, ...options }: ReadOptions & { readonly watch: PipelineWatch }) {
    this.client = client;
    this.options = options;
    this.watch = watch;
    this.place = `the server ${client.url}`;
  }

  async execute(text: string): Promise<Executed | null> {
    const { statements, diagnostics } = parse(text);
    const [statement] = statements;
    if (hasErrors(diagnostics)) return { statement: null, diagnostics, result: null };
    if (statement === undefined) return null;
    const sent = this.withSaid(text);
    if (statement.kind === "select" || statement.kind === "print") return { statement, diagnostics, result: this.rows(sent) };
    const { body } = await this.placed(sent, () =>
      this.client.request<{ readonly results: readonly Result[] }>("POST", "/v1/statements", { sql: sent.text }),
    );
    const result = body.results.at(-1);
    if (result === undefined) return null;
    for (const note of result.notes) this.watch.line(note);
    this.said = afterStatement(this.said, { statement, text: writtenText(text, split(text), statement) });
    return { statement, diagnostics: result.warnings.map((one) => diagnosticOf(one, "warning", sent)), result: resultOf(result) };
  }

  async complete(text: string, offset: number): Promise<Completions> {
    const sent = this.withSaid(text);
    const { body } = await this.client.request<Span & Pick<Completions, "items">>("POST", "/v1/complete", {
      sql: sent.text,
      offset: sent.start + offset,
    });
    return { span: { start: body.start - sent.start, end: body.end - sent.start }, items: body.items };
  }

  async close(): Promise<void> {}

  private withSaid(text: string): Sent {
    const before = this.said.map((one) => `${one.text}\n`).join("");
    return { text: before + text, start: before.length };
  }

  private rows(sent: Sent): RowsResult {
    const { untilEnd, from } = this.options;
    const leaving = new AbortController();
    const query = { sql: sent.text, untilEnd, ...(from === null ? {} : { from }) };
    const items = this.client.stream("/v1/query", query, leaving.signal);
    const batches = this.batches(items, sent);
    return { kind: "rows", isBounded: untilEnd, batches, stop: () => leaving.abort() };
  }

  /** As many rows at a time as there are: a table is measured by its first ones. */
  private async *batches(items: AsyncGenerator<StreamItem, void>, sent: Sent): AsyncGenerator<readonly string[], void> {
    let next = items.next();
    try {
      for (;;) {
        const rows: string[] = [];
        let item: IteratorResult<StreamItem, void> | undefined = await this.placed(sent, () => next);
        while (item !== undefined && item.done !== true) {
          if (item.value.kind === "row") rows.push(item.value.json);
          else this.watch.line(item.value.text);
          next = items.next();
          item = await this.placed(sent, () => Promise.race([next, whatIsThere(undefined)]));
        }
        if (rows.length > 0) yield rows;
        if (item?.done === true) return;
      }
    } finally {
      next.catch(() => undefined);
      void items.return();
    }
  }

  /** Where the server finds fault with the text, the place in the statement is found again. */
  private async placed<T>(sent: Sent, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ServerProblem) || error.line === null) throw error;
      throw new StatementFault(error.items.map((one) => diagnosticOf(one, "error", sent)));
    }
  }
}

/** A statement behind what was said before. */
interface Sent {
  readonly text: string;
  /** Where the statement begins. */
  readonly start: number;
}

function diagnosticOf({ code, message: text, hint, line, column }: Found, severity: Diagnostic["severity"], sent: Sent): Diagnostic {
  const at = offsetAt(sent.text, line ?? 1, column ?? 1);
  const token = tokenize(sent.text).tokens.find((one) => one.startOffset <= at && at < endOf(one));
  const start = Math.max(0, at - sent.start);
  return { severity, code, message: text, hint, span: { start, end: token === undefined ? start : endOf(token) - sent.start } };
}

function resultOf(result: Result): StatementResult {
  return result.kind === "table" ? table(result.columns, result.rows) : message(result.text);
}
