import { SluiceError } from "../errors.ts";
import type { Beginning } from "../plan/pipeline-plan.ts";
import { type Deployment, type DesiredState, type Labels, versionOf } from "./deployment.ts";
import { type Dropped, epochAfter } from "./dropped.ts";

/** `at`: the generation that the pipeline was seen at, null for none; refused with CATALOG_CHANGED where it is another one by now. */
export type DeploymentChange = (PutPipeline | DesireState | RestartPipeline | DropPipeline) & { readonly at?: number | null };

/** Makes or replaces a pipeline. What is left out stays as it is; a new one runs and has no labels. */
export interface PutPipeline {
  readonly kind: "put";
  readonly name: string;
  readonly text: string;
  readonly labels?: Labels;
  readonly desired?: DesiredState;
  /** Statements that begin anew, by name. */
  readonly begin?: Readonly<Record<string, Beginning["from"]>>;
}

export interface DesireState {
  readonly kind: "desire";
  readonly name: string;
  readonly desired: DesiredState;
}

/** Stops and starts it, also where it was given up after a failure. */
export interface RestartPipeline {
  readonly kind: "restart";
  readonly name: string;
}

export interface DropPipeline {
  readonly kind: "drop";
  readonly name: string;
  /** Positions and state stay for the next pipeline of that name; left out: they go. */
  readonly keepState?: boolean;
  /** What was made for it beside its targets goes too: its consumer group, index templates. Means nothing where state is kept. */
  readonly purge?: boolean;
}

/** When a change is made, and by whom. */
export interface ChangeStamp {
  readonly generation: number;
  readonly nowMs: number;
  readonly by: string;
}

/** The deployment as the change makes it; `before` itself where nothing changes. Throws PIPELINE_UNKNOWN. */
export function changedBy(
  change: DeploymentChange,
  before: Deployment | null,
  dropped: Dropped | null,
  stamp: ChangeStamp,
): Deployment | null {
  if (change.kind === "put") return put(change, before, dropped, stamp);
  if (before === null) throw new SluiceError("PIPELINE_UNKNOWN", `there is no pipeline '${change.name}'`);
  if (change.kind === "drop") return null;
  if (change.kind === "restart") return { ...before, ...stamped(stamp), restarted: stamp.generation };
  return before.desired === change.desired ? before : { ...before, ...stamped(stamp), desired: change.desired };
}

function put(change: PutPipeline, before: Deployment | null, dropped: Dropped | null, stamp: ChangeStamp): Deployment {
  const { name, text, begin = {} } = change;
  const labels = change.labels ?? before?.labels ?? {};
  const desired = change.desired ?? before?.desired ?? "running";
  const version = versionOf(text);
  const epoch = before?.epoch ?? epochAfter(dropped, stamp.nowMs);
  const begun = Object.entries(begin).map(([statement, from]) => {
    // The time, so that it is above all counts that are kept, also where the catalog was lost and made anew.
    const count = Math.max(stamp.nowMs, epoch + 1, (before?.beginnings[statement]?.count ?? 0) + 1);
    return [statement, { count, from }] as const;
  });
  const isSame = before !== null && before.version === version && before.desired === desired && begun.length === 0;
  if (isSame && before.text === text && JSON.stringify(before.labels) === JSON.stringify(labels)) return before;
  const beginnings = { ...before?.beginnings, ...Object.fromEntries(begun) };
  const restarted = before?.restarted === undefined ? {} : { restarted: before.restarted };
  return { name, text, version, labels, desired, beginnings, epoch, ...restarted, ...stamped(stamp) };
}

function stamped({ generation, nowMs, by }: ChangeStamp): Pick<Deployment, "generation" | "changedAt" | "changedBy"> {
  return { generation, changedAt: new Date(nowMs).toISOString(), changedBy: by };
}
