import { onTestFinished } from "vitest";
import { renderDiagnostic } from "../../../grammar/diagnostics.ts";
import { environment } from "../../../src/project/environment.ts";
import { openProject } from "../../../src/project/project.ts";
import type { SessionOptions, StatementEvent } from "../../../src/project/statements/context.ts";
import type { StatementResult } from "../../../src/project/statements/result.ts";
import { StatementSession } from "../../../src/project/statements/session.ts";
import { scratch } from "../../support/scratch.ts";

/** What came of one statement, in a form to compare. */
export type Shown =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] }
  | { readonly message: string }
  | { readonly documents: readonly unknown[] }
  | { readonly errors: readonly string[] };

type TestOptions = Omit<SessionOptions, "project" | "onEvent">;

export class TestSession {
  readonly events: StatementEvent[] = [];
  readonly folder: string;
  private readonly session: StatementSession;

  private constructor(folder: string, session: (onEvent: (event: StatementEvent) => void) => StatementSession) {
    this.folder = folder;
    this.session = session((event) => this.events.push(event));
  }

  /** On a project of its own with these files, closed after the test. */
  static async open(files: Readonly<Record<string, string>> = {}, read: Partial<TestOptions> = {}): Promise<TestSession> {
    return TestSession.at(scratch({ "sluice.yaml": "defaults:\n  source: embedded\n", ...files }), read);
  }

  static async at(folder: string, read: Partial<TestOptions> = {}): Promise<TestSession> {
    const project = await openProject({ config: `${folder}/sluice.yaml`, data: `${folder}/data` });
    const options = { project, env: environment, untilEnd: true, from: null, assertMs: 200, ...read };
    const opened = new TestSession(folder, (onEvent) => new StatementSession({ ...options, onEvent }));
    onTestFinished(() => opened.session.close());
    return opened;
  }

  /** All statements of a text. */
  async run(text: string): Promise<readonly Shown[]> {
    const shown: Shown[] = [];
    for await (const { result, diagnostics } of this.session.run(text)) {
      shown.push(
        result === null ? { errors: diagnostics.map((diagnostic) => renderDiagnostic(text, diagnostic, {})) } : await shownOf(result),
      );
    }
    return shown;
  }

  /** The result of the last statement of a text, of which none may fail. */
  async last(text: string): Promise<Shown> {
    const shown = (await this.run(text)).at(-1);
    if (shown === undefined || "errors" in shown) throw new Error(JSON.stringify(shown));
    return shown;
  }

  /** The rows of the last statement: of a table as they stand, of others the documents. */
  async rows(text: string): Promise<readonly unknown[]> {
    const shown = await this.last(text);
    return "rows" in shown ? shown.rows : "documents" in shown ? shown.documents : [shown];
  }

  /** Why the statement is refused. */
  async refusal(text: string): Promise<string> {
    const shown = (await this.run(text)).at(-1);
    return shown !== undefined && "errors" in shown ? shown.errors.join("\n") : JSON.stringify(shown);
  }
}

async function shownOf(result: StatementResult): Promise<Shown> {
  if (result.kind === "message") return { message: result.text };
  if (result.kind === "table") return { columns: result.columns, rows: result.rows };
  if (result.kind === "run") throw new Error("this session runs no INSERT");
  const documents: unknown[] = [];
  for await (const batch of result.batches) documents.push(...batch.map((document) => JSON.parse(document) as unknown));
  return { documents };
}
