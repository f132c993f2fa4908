import { type Completions, complete } from "../../../grammar/complete.ts";
import { parse } from "../../../grammar/parse.ts";
import { knownNames } from "../../analyze/known-names.ts";
import { environment } from "../../project/environment.ts";
import type { LiveConnections } from "../../project/live/live-connections.ts";
import { liveForTyping, withLiveNames } from "../../project/live/live-names.ts";
import { projectPipelineNames } from "../../project/pipeline-files.ts";
import type { Project } from "../../project/project.ts";
import type { ReadOptions, StatementEvent } from "../../project/statements/context.ts";
import { SESSION_PIPELINE } from "../../project/statements/insert-select.ts";
import type { Executed } from "../../project/statements/result.ts";
import { StatementSession } from "../../project/statements/session.ts";
import type { PipelineWatch } from "../pipeline-watch.ts";
import type { Engine } from "./engine.ts";

/** Statements on the project's own connections, in this process. INSERT … SELECT runs while it is waited for. */
export class ProjectEngine implements Engine {
  readonly place: string;
  private readonly project: Project;
  private readonly session: StatementSession;
  private readonly live: LiveConnections;

  constructor(project: Project, options: ReadOptions & { readonly watch: PipelineWatch }) {
    this.project = project;
    this.live = liveForTyping(project, environment);
    this.session = new StatementSession({
      ...options,
      project,
      env: environment,
      runsInserts: true,
      onEvent: (event) => tell(event, options.watch),
    });
    this.place = `this process, in ${project.root} (${[...project.catalog.connections.keys()].join(", ")})`;
  }

  async execute(statement: string): Promise<Executed | null> {
    for await (const executed of this.session.run(statement)) return executed;
    return null;
  }

  async complete(text: string, offset: number): Promise<Completions> {
    const { catalog, root } = this.project;
    const declared = knownNames({ ...catalog, streams: this.session.streams }, parse(text), await projectPipelineNames(root));
    return complete(text, offset, await withLiveNames(declared, this.project, text, offset, environment, this.live));
  }

  async close(): Promise<void> {
    await Promise.all([this.session.close(), this.live.close()]);
  }
}

/** What ends a statement is thrown by it. Progress is of pipelines, that is of INSERT … SELECT. */
function tell(event: StatementEvent, watch: PipelineWatch): void {
  if (event.kind === "note") watch.line(event.text);
  else if (event.kind === "progress" || event.kind === "done") {
    if (event.pipeline === SESSION_PIPELINE) watch.take(event);
  } else if (event.kind !== "running" && event.kind !== "statement-failed" && event.kind !== "failed") watch.take(event);
}
