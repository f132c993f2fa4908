import { createHash } from "node:crypto";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";
import type { Beginning } from "../plan/pipeline-plan.ts";

/** What somebody wants of a pipeline. */
export type DesiredState = "running" | "paused";

export type Labels = Readonly<Record<string, string>>;

/** One pipeline that a server holds: its text, and what is wanted of it. */
export interface Deployment {
  readonly name: string;
  /** As it was submitted. */
  readonly text: string;
  /** Of the canonical text: equal versions are the same statements. */
  readonly version: string;
  readonly labels: Labels;
  readonly desired: DesiredState;
  /** When a statement was made to begin anew the last time, by its name, and where. */
  readonly beginnings: Readonly<Record<string, Beginning>>;
  /**
   * Milliseconds since 1970: what was kept or written under the name before that is another pipeline's, which was dropped.
   * 0: there was none, and what is kept under the name is taken up.
   */
  readonly epoch: number;
  /** Of the catalog when the pipeline was told the last time to stop and start, on all servers; left out: it never was. */
  readonly restarted?: number;
  /** Of the catalog when this deployment was changed last: rises by one with every change. */
  readonly generation: number;
  /** ISO 8601, UTC. */
  readonly changedAt: string;
  readonly changedBy: string;
}

/** Sixteen hexadecimal digits. Layout, comments and spelling make no difference; a faulty text is compared as it is. */
export function versionOf(text: string): string {
  const { statements, diagnostics } = parse(text);
  const isFaulty = diagnostics.some(({ severity }) => severity === "error");
  return createHash("sha256")
    .update(isFaulty ? text : printPipeline(statements))
    .digest("hex")
    .slice(0, 16);
}
