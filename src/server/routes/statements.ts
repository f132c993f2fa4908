import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import type { DiagnosticCode } from "../../../grammar/diagnostic-codes.ts";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import { durationMs } from "../../../grammar/units.ts";
import { hasErrors } from "../../analyze/reporter.ts";
import type { ErrorCode } from "../../errors.ts";
import { FleetHost } from "../../fleet/fleet-host.ts";
import { LIMITS } from "../../limits.ts";
import { diagnosticsJson } from "../../project/diagnostics-json.ts";
import type { Executed } from "../../project/statements/result.ts";
import { StatementSession } from "../../project/statements/session.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import { mayAs, type Principal, type Role } from "../auth/role.ts";
import { addNote } from "../note-text.ts";
import { PipelineName } from "../pipeline-resource.ts";
import { HttpProblem, statementProblem, statusOf } from "../problem.ts";
import type { ServerContext } from "../server-context.ts";

const Statements = Type.Object(
  {
    sql: Type.String({ description: "Any statements but SELECT and PRINT." }),
    name: Type.Optional(PipelineName),
  },
  { additionalProperties: false, examples: [{ sql: "SHOW PIPELINES;" }] },
);
type Statements = { readonly sql: string; readonly name?: string };

const Place = { line: Type.Integer({ minimum: 1 }), column: Type.Integer({ minimum: 1 }) };
const Said = {
  ...Place,
  warnings: Type.Array(Type.Ref("Diagnostic")),
  notes: Type.Array(Type.String(), { description: "What the outside said meanwhile." }),
};

/** What one statement gave. */
export const StatementResult = Type.Union(
  [
    Type.Object({
      kind: Type.Literal("table"),
      ...Said,
      columns: Type.Array(Type.String()),
      rows: Type.Array(Type.Array(Type.Unknown())),
    }),
    Type.Object({ kind: Type.Literal("message"), ...Said, text: Type.String() }),
    Type.Object({ kind: Type.Literal("pipeline"), ...Said, text: Type.String(), pipeline: Type.String() }),
  ],
  { $id: "StatementResult" },
);

const Failed = Type.Intersect([
  Type.Ref("Problem"),
  Type.Object({
    done: Type.Optional(
      Type.Array(Type.Ref("StatementResult"), { description: "What the statements before it gave: they were executed." }),
    ),
  }),
]);

const DESCRIPTION = `One result for each statement. The text is checked as a whole first: of a text with errors nothing is executed. Where
a statement fails all the same, because of something outside, the problem says in \`done\` what those before it did.

INSERT … SELECT and CREATE … AS SELECT make a pipeline each, which runs from then on. It is called \`name\`, else as its \`@name\` or its
target is called, with \`-2\`, \`-3\` and so on behind that where others have the name. The same statement again is the same pipeline.
The SETs, DEFINEs, CREATEs and WITHs that it needs become part of its text.

What SET, DEFINE and CREATE say holds to the end of the request. SHOW, DESCRIBE, EXPLAIN and declarations need the role viewer; EXPLAIN
ANALYZE, ASSERT and PAUSE, RESUME and RESTART PIPELINE operator; whatever makes, drops or writes admin.`;

export const statementRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const { project, env } = context;
    const schema = {
      operationId: "executeStatements",
      summary: "Executes SQL statements, one after the other",
      description: DESCRIPTION,
      consumes: ["application/json", "application/sql"],
      body: Type.Union([Statements, Type.String()]),
      response: {
        200: Type.Object({ results: Type.Array(Type.Ref("StatementResult")) }),
        400: Type.Ref("Problem"),
        403: Type.Ref("Problem"),
        404: Failed,
        409: Failed,
        413: Type.Ref("Problem"),
        422: Failed,
        500: Failed,
        503: Failed,
      },
    };
    scope.post("/statements", { schema, config: { role: "viewer", isChange: true } }, async ({ body, principal }) => {
      const request: Statements = typeof body === "string" ? { sql: body } : body;
      const { sql: text, name } = request;
      const notes: string[] = [];
      const host = new FleetHost(context, principal.name, name ?? null);
      const session = new StatementSession({ project, env, host, untilEnd: true, from: null, onEvent: (event) => addNote(notes, event) });
      try {
        refuse(text, name ?? null, principal);
        const found = await session.check(text);
        if (hasErrors(found)) throw statementProblem(diagnosticsJson({ text, diagnostics: found }));
        return { results: await executed(session, text, notes) };
      } finally {
        await session.close();
      }
    });
  };

/** Executes the statements. What goes wrong is said with what was done before it. */
async function executed(session: StatementSession, text: string, notes: string[]): Promise<Result[]> {
  const done: Result[] = [];
  const statements = parse(text).statements.values();
  for (const results = session.run(text); ; ) {
    const { value: next } = statements.next();
    const { value: one } = await results.next().catch((error: unknown) => {
      const { code, message, hint } = asSluiceError(error);
      const { line, column } = lineAndColumn(text, next?.span.start ?? 0);
      throw new HttpProblem(statusOf(code), [{ code, message, hint, line, column }], { done });
    });
    if (one === undefined) return done;
    const diagnostics = diagnosticsJson({ text, diagnostics: one.diagnostics });
    if (one.result === null) throw statementProblem(diagnostics, { done });
    done.push(resultOf(one, text, { warnings: diagnostics, notes: notes.splice(0) }));
  }
}

type Result = Static<typeof StatementResult>;

function resultOf({ statement, result }: Executed, text: string, said: Pick<Result, "warnings" | "notes">): Result {
  const { line, column } = lineAndColumn(text, statement?.span.start ?? 0);
  const place = { line, column, ...said };
  if (result?.kind === "table") return { kind: "table", ...place, columns: [...result.columns], rows: result.rows.map((row) => [...row]) };
  if (result?.kind !== "message") throw new Error(`assertion failed: a result of the kind ${result?.kind}`);
  const { pipeline, text: told } = result;
  return pipeline === undefined ? { kind: "message", ...place, text: told } : { kind: "pipeline", ...place, text: told, pipeline };
}

/** What can be said against a text without looking at what it means. */
function refuse(text: string, name: string | null, principal: Principal): void {
  const { statements } = parse(text);
  const fail = (status: number, code: ErrorCode | DiagnosticCode, { span }: Statement, message: string, hint: string | null): never => {
    throw new HttpProblem(status, [{ code, message, hint, ...lineAndColumn(text, span.start) }]);
  };
  for (const [index, statement] of statements.entries()) {
    if (index >= LIMITS.statementsMax)
      fail(413, "LIMIT_EXCEEDED", statement, `there are more than ${LIMITS.statementsMax} statements`, null);
    if (statement.kind === "select" || statement.kind === "print") {
      const word = statement.kind.toUpperCase();
      fail(422, "STATEMENT_NOT_ALLOWED", statement, `${word} gives rows as they come`, "POST /v1/query does that");
    }
    if (statement.kind === "assert-topic" && statement.timeout !== null && durationMs(statement.timeout) > LIMITS.askedMsMax) {
      const message = `a request waits for ${LIMITS.askedMsMax / 1000} seconds at most`;
      fail(422, "STATEMENT_NOT_ALLOWED", statement, message, "ask again, or execute it by the command sluice query");
    }
    const role = roleFor(statement);
    if (!mayAs(principal.role, role))
      fail(403, "NOT_ALLOWED", statement, `${principal.name} is ${principal.role}; this needs ${role}`, null);
  }
  const [, second] = statements.filter(makesPipeline);
  if (name === null || second === undefined) return;
  const hint = "PUT /v1/pipelines/NAME makes one of several statements";
  fail(422, "STATEMENT_NOT_ALLOWED", second, `'${name}' can be the name of one pipeline, and this would be another one`, hint);
}

function makesPipeline(statement: Statement): boolean {
  return statement.kind === "insert" || (statement.kind === "create" && statement.select !== null);
}

/** What one has to be to execute it. */
function roleFor(statement: Statement): Role {
  switch (statement.kind) {
    case "insert":
    case "insert-values":
      return "admin";
    case "create":
      return makesPipeline(statement) ? "admin" : "viewer";
    case "drop":
      return statement.deleteTopic ? "admin" : "viewer";
    case "pipeline":
      return statement.command === "DROP" ? "admin" : "operator";
    case "explain":
      return statement.analyze ? "operator" : "viewer";
    case "select":
    case "print":
    case "assert-values":
    case "assert-topic":
      return "operator";
    default:
      return "viewer";
  }
}
