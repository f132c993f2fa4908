import type { WithStatement } from "../../../grammar/statement-ast.ts";
import type { Reporter } from "../../analyze/reporter.ts";
import type { Names } from "../../analyze/resolve-name.ts";
import type { Variables } from "../../analyze/variables.ts";
import type { Catalog, DeclaredStream } from "../../catalog/catalog.ts";
import { SluiceError } from "../../errors.ts";
import type { Connection } from "../../ports/connection.ts";
import type { Source } from "../../ports/source.ts";
import type { Environment } from "../../runtime/environment.ts";
import type { FromPipeline } from "../../runtime/protocol.ts";
import { openNamed } from "../open-named.ts";
import type { Project } from "../project.ts";
import type { PipelineHost } from "./pipeline-host.ts";
import type { Said } from "./preamble.ts";

/** Something said beside the results. */
export type StatementEvent = FromPipeline | { readonly kind: "note"; readonly text: string };

/** How the rows of SELECT and PRINT are read. */
export interface ReadOptions {
  /** Of a topic: to the end that it has now. */
  readonly untilEnd: boolean;
  /** Where SELECT begins in a topic; null: as START AT or the setting says. */
  readonly from: "earliest" | "latest" | null;
}

export interface SessionOptions extends ReadOptions {
  readonly project: Project;
  readonly env: Environment;
  readonly onEvent: (event: StatementEvent) => void;
  /** Whether INSERT … SELECT runs, as a pipeline that ends with the session at the latest; initially it is refused. */
  readonly runsInserts?: boolean;
  /** Who runs the pipelines that INSERT … SELECT makes, and that statements name; left out: they are those of `queries/`. */
  readonly host?: PipelineHost;
  /** How long what ASSERT VALUES says may take to become so. */
  readonly assertMs?: number;
}

/** What statements leave behind for those after them. */
export interface SessionState {
  /** Of SET, as written, by the settings' names. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly variables: Variables;
  /** Of the project's catalog and of CREATE, without what was dropped. */
  readonly streams: ReadonlyMap<string, DeclaredStream>;
  /** Of WITH before a `;`. */
  readonly stages: readonly WithStatement[];
  /** What of it goes into the text of a pipeline that is made. */
  readonly preamble: readonly Said[];
}

/** The open connections of a session, and where ASSERT VALUES has come to. */
export class SessionResources {
  /** By `connection.topic`, then by partition: offsets. */
  readonly asserted = new Map<string, Map<number, number>>();
  private readonly options: SessionOptions;
  private readonly connections = new Map<string, Promise<Connection>>();

  constructor(options: SessionOptions) {
    this.options = options;
  }

  /** Opened on first use. Rejects with CONFIG_INVALID. */
  connection(name: string): Promise<Connection> {
    const known = this.connections.get(name);
    if (known !== undefined) return known;
    const { project, env, onEvent } = this.options;
    const opened = openNamed(project, env, name, (subject, text) => onEvent({ kind: "note", text: `${subject}: ${text}; trying again` }));
    this.connections.set(name, opened);
    return opened;
  }

  /** The topics of a connection. */
  async source(name: string): Promise<Source> {
    const { source } = await this.connection(name);
    if (source === null) throw new SluiceError("USAGE", `'${name}' has no topics`);
    return source;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.connections.values());
    this.connections.clear();
    await Promise.all(opened.map((one) => (one.status === "fulfilled" ? one.value.close() : null)));
  }
}

/** Everything that the execution of one statement knows. */
export interface StatementContext extends SessionOptions {
  /** With the streams of the session. */
  readonly catalog: Catalog;
  readonly state: SessionState;
  readonly resources: SessionResources;
  /** The text that the statement's places mean. */
  readonly text: string;
  /** The statement as it stands there, with the comments before it. */
  readonly written: string;
  readonly report: Reporter;
  /** What the statement changes, for those after it. */
  change(state: Partial<SessionState>): void;
}

/** What names mean in a session: where SET says nothing, in the defaults. */
export function namesOf({ catalog, report }: StatementContext): Names {
  return { catalog, streams: catalog.streams, topics: new Set(), report };
}

export function sourceName({ state, catalog }: StatementContext): string {
  const { source } = state.settings;
  return typeof source === "string" ? source : catalog.defaultSource;
}
