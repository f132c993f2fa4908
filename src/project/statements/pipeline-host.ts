import type { Statement } from "../../../grammar/statement-ast.ts";
import type { StatementProgress } from "../../runtime/protocol.ts";

/** A pipeline that somebody runs. */
export interface HostedPipeline {
  readonly name: string;
  readonly text: string;
  /** Equal versions are the same statements. */
  readonly version: string;
  readonly state: string;
  /** Empty where it does not run. */
  readonly statements: readonly Pick<StatementProgress, "name" | "counters" | "partitions">[];
}

export interface MadePipeline {
  readonly name: string;
  /** false: it was there, with the same statements. */
  readonly isNew: boolean;
}

export type PipelineCommand = Extract<Statement, { kind: "pipeline" }>["command"];

/** Who runs the pipelines that statements make and name: a server. */
export interface PipelineHost {
  /** By name. */
  list(): readonly HostedPipeline[];
  /** `suggested`: after its target or its `@name`. Rejects with PIPELINE_EXISTS where a name is demanded that another one has. */
  make(suggested: string, text: string): Promise<MadePipeline>;
  /** All of them, or none. Rejects with PIPELINE_UNKNOWN. */
  command(command: PipelineCommand, names: readonly string[]): Promise<void>;
  /** The same, but nothing is done: what is made and dropped is known to it alone. */
  rehearse(): PipelineHost;
}
