import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import { hasErrors } from "../../analyze/reporter.ts";
import { FleetHost } from "../../fleet/fleet-host.ts";
import { diagnosticsJson } from "../../project/diagnostics-json.ts";
import type { RowsResult } from "../../project/statements/result.ts";
import { StatementSession } from "../../project/statements/session.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import { addNote } from "../note-text.ts";
import { HttpProblem, problem, problemBody, problemOf, statementProblem } from "../problem.ts";
import { inPieces, NDJSON, SSE, sendStream } from "../send-stream.ts";
import type { ServerContext } from "../server-context.ts";
import { withHeartbeats } from "../with-heartbeats.ts";

const Query = Type.Object(
  {
    sql: Type.String({ description: "One SELECT or PRINT, after any SET, DEFINE and CREATE." }),
    from: Type.Optional(Type.Union([Type.Literal("earliest"), Type.Literal("latest")])),
    untilEnd: Type.Optional(Type.Boolean({ description: "Of a topic: to the end that it has now." })),
  },
  { additionalProperties: false, examples: [{ sql: "SELECT * FROM readings WHERE temperature > 28", from: "earliest", untilEnd: true }] },
);
type Query = { readonly sql: string; readonly from?: "earliest" | "latest"; readonly untilEnd?: boolean };

/** What a stream says, a line or an event each; the last one is `done` or `error`. */
interface StreamItem {
  readonly kind: "row" | "note" | "heartbeat" | "done" | "error";
  /** As text: rows are passed on with every digit that they have. */
  readonly json: string;
}

function item(kind: StreamItem["kind"], value: unknown): StreamItem {
  return { kind, json: JSON.stringify(value) };
}

const HEARTBEAT_MS = 15_000;

export const queryRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "query",
      summary: "Rows of an ad hoc SELECT or PRINT as they come, until it ends or the client goes",
      description: `A line is one of {"row":…}, {"note":…}, {"heartbeat":…}; the last one is {"done":true} or {"error":problem}. Who reads
slowly slows down the query, and nothing else; who takes nothing for five minutes is cut off.`,
      consumes: ["application/json", "application/sql"],
      produces: [NDJSON, SSE],
      body: Type.Union([Query, Type.String()]),
      response: { 200: Type.String(), 400: Type.Ref("Problem"), 422: Type.Ref("Problem"), 503: Type.Ref("Problem") },
    };
    scope.post("/query", { schema, config: { role: "operator" } }, async (request, reply) => {
      const query: Query = typeof request.body === "string" ? { sql: request.body } : request.body;
      refuse(query.sql);
      const notes: string[] = [];
      const session = new StatementSession({
        project: context.project,
        env: context.env,
        host: new FleetHost(context, request.principal.name, null),
        untilEnd: query.untilEnd ?? false,
        from: query.from ?? null,
        onEvent: (event) => addNote(notes, event),
      });
      const rows = await rowsOf(session, query.sql).catch(async (error: unknown) => {
        await session.close();
        throw error;
      });
      const type = request.headers.accept?.includes(SSE) === true ? SSE : NDJSON;
      const write = type === SSE ? asEvent : asLine;
      sendStream(reply, type, context, async function* (signal) {
        try {
          for await (const items of streamed(rows, notes, context, request.id, signal)) yield* inPieces(written(items, write));
        } finally {
          await session.close();
        }
      });
      return reply;
    });
  };

/** What reads may not change anything outside: one SELECT or PRINT at the end, before it what holds for this request alone. */
function refuse(text: string): void {
  const { statements, diagnostics } = parse(text);
  if (hasErrors(diagnostics)) return;
  for (const [index, statement] of statements.entries()) {
    const isLast = index === statements.length - 1;
    if (isLast ? READS.has(statement.kind) : isPreparation(statement)) continue;
    const rows = "one SELECT or PRINT, after any SET, DEFINE, CREATE and WITH, is what gives rows";
    const item = { code: "STATEMENT_NOT_ALLOWED", message: rows, hint: "POST /v1/statements executes all others" };
    throw new HttpProblem(422, [{ ...item, ...lineAndColumn(text, statement.span.start) }]);
  }
}

const READS: ReadonlySet<Statement["kind"]> = new Set(["select", "print"]);
const PREPARATIONS: ReadonlySet<Statement["kind"]> = new Set(["set", "unset", "define", "undefine", "with"]);

function isPreparation(statement: Statement): boolean {
  if (statement.kind === "create") return statement.select === null;
  if (statement.kind === "drop") return !statement.deleteTopic;
  return PREPARATIONS.has(statement.kind);
}

/** Executes the text up to its first rows. Throws what the text or the outside has against it. */
async function rowsOf(session: StatementSession, text: string): Promise<RowsResult> {
  for await (const { diagnostics, result } of session.run(text)) {
    if (result === null) throw statementProblem(diagnosticsJson({ text, diagnostics }));
    if (result.kind === "rows") return result;
  }
  throw problem(422, "STATEMENT_INVALID", "there is no SELECT or PRINT in it", "POST /v1/statements executes all others");
}

async function* streamed(
  rows: RowsResult,
  notes: string[],
  { env: { clock } }: ServerContext,
  instance: string,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamItem[], void> {
  try {
    for await (const batch of withHeartbeats(rows.batches, { clock, intervalMs: HEARTBEAT_MS, signal })) {
      const said = notes.splice(0).map((note) => item("note", note));
      const rowItems = batch?.map((json): StreamItem => ({ kind: "row", json }));
      yield [...said, ...(rowItems ?? [item("heartbeat", new Date(clock.now()).toISOString())])];
    }
    if (!signal.aborted) yield [item("done", true)];
  } catch (error) {
    yield [item("error", problemBody(problemOf(asSluiceError(error)) as HttpProblem, instance))];
  }
}

function* written(items: readonly StreamItem[], write: (item: StreamItem) => string): Iterable<string> {
  for (const one of items) yield write(one);
}

function asLine({ kind, json }: StreamItem): string {
  return `{"${kind}":${json}}\n`;
}

function asEvent({ kind, json }: StreamItem): string {
  return `event: ${kind}\ndata: ${json}\n\n`;
}
