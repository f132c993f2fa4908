import { SluiceError } from "../errors.ts";
import type { Beginning } from "../plan/pipeline-plan.ts";
import type { CatalogDamage, CatalogEntry, CatalogLog } from "../ports/catalog-log.ts";
import type { Clock } from "../ports/clock.ts";
import { type Deployment, type DesiredState, type Labels, versionOf } from "./deployment.ts";

/** `at`: the generation that the pipeline was seen at, null for none; refused with CATALOG_CHANGED where it is another one by now. */
export type DeploymentChange = (PutPipeline | DesireState | DropPipeline) & { readonly at?: number | null };

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

export interface DropPipeline {
  readonly kind: "drop";
  readonly name: string;
}

export interface ChangeOptions {
  readonly by: string;
  /** Refused with CATALOG_CHANGED where the catalog is at another generation by now. */
  readonly expected?: number;
}

/** What a change did, in the order of the changes; `before` or `after` is null where a pipeline was made or dropped. */
export interface Changed {
  readonly before: Deployment | null;
  readonly after: Deployment | null;
}

type Listener = (changed: readonly Changed[]) => void;

const PREFIX = "pipeline|";
const GENERATION = "generation";

/** The catalog: which pipelines there are and what is wanted of them. What is answered is durable. */
export class Deployments {
  /** What could not be read when it was opened. */
  readonly damages: readonly CatalogDamage[];
  private readonly log: CatalogLog;
  private readonly clock: Clock;
  private readonly byName: Map<string, Deployment>;
  private readonly listeners = new Set<Listener>();
  private latest: number;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(log: CatalogLog, clock: Clock, content: Awaited<ReturnType<CatalogLog["open"]>>) {
    this.log = log;
    this.clock = clock;
    this.damages = content.damages;
    const kept = [...content.entries].filter(([key]) => key.startsWith(PREFIX));
    this.byName = new Map(kept.map(([key, value]) => [key.slice(PREFIX.length), JSON.parse(value) as Deployment]));
    const generations = [...this.byName.values()].map(({ generation }) => generation);
    this.latest = Math.max(Number(content.entries.get(GENERATION) ?? 0), ...generations, 0);
  }

  /** Rejects with STORE_BUSY and STORE_UNUSABLE. */
  static async open(log: CatalogLog, clock: Clock): Promise<Deployments> {
    return new Deployments(log, clock, await log.open());
  }

  get generation(): number {
    return this.latest;
  }

  /** By name. */
  list(): readonly Deployment[] {
    return [...this.byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  get(name: string): Deployment | null {
    return this.byName.get(name) ?? null;
  }

  /** Calls the listener after each change. Gives a function that ends it. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * All of the changes or none, also through a crash; one call after another. Changes that change nothing are left out.
   * Rejects with PIPELINE_UNKNOWN, CATALOG_CHANGED and STORE_UNUSABLE.
   */
  change(changes: readonly DeploymentChange[], options: ChangeOptions): Promise<readonly Changed[]> {
    const done = this.queue.then(() => this.changeNow(changes, options));
    this.queue = done.catch(() => {});
    return done;
  }

  async close(): Promise<void> {
    await this.queue;
    await this.log.close();
  }

  private async changeNow(changes: readonly DeploymentChange[], options: ChangeOptions): Promise<readonly Changed[]> {
    if (options.expected !== undefined && options.expected !== this.latest)
      throw changedMeanwhile("the catalog", this.latest, options.expected);
    const generation = this.latest + 1;
    const stamp = { generation, changedAt: new Date(this.clock.now()).toISOString(), changedBy: options.by };
    const changed = changes.map((change): Changed => {
      const before = this.get(change.name);
      const at = before?.generation ?? null;
      if (change.at !== undefined && change.at !== at) throw changedMeanwhile(`the pipeline '${change.name}'`, at, change.at);
      return { before, after: this.changedBy(change, before, stamp) };
    });
    const real = changed.filter(({ before, after }) => before !== after);
    if (real.length === 0) return changed;
    const entries = real.map(({ before, after }): CatalogEntry => {
      const key = `${PREFIX}${(after ?? before)?.name}`;
      return { key, value: after === null ? null : JSON.stringify(after) };
    });
    await this.log.append([...entries, { key: GENERATION, value: String(generation) }]);
    this.latest = generation;
    for (const { before, after } of real) {
      if (after !== null) this.byName.set(after.name, after);
      else if (before !== null) this.byName.delete(before.name);
    }
    for (const listener of [...this.listeners]) listener(real);
    return changed;
  }

  /** The deployment as the change makes it; `before` itself where nothing changes. */
  private changedBy(change: DeploymentChange, before: Deployment | null, stamp: Stamp): Deployment | null {
    if (change.kind === "put") return put(change, before, stamp);
    if (before === null) throw new SluiceError("PIPELINE_UNKNOWN", `there is no pipeline '${change.name}'`);
    if (change.kind === "drop") return null;
    return before.desired === change.desired ? before : { ...before, ...stamp, desired: change.desired };
  }
}

function changedMeanwhile(what: string, now: number | null, seen: number | null): SluiceError {
  const generation = (at: number | null): string => (at === null ? "not there" : `at generation ${at}`);
  const message = `${what} has changed meanwhile: it is ${generation(now)}, and was to be ${generation(seen)}`;
  return new SluiceError("CATALOG_CHANGED", message, { hint: "read it again, then change that" });
}

type Stamp = Pick<Deployment, "generation" | "changedAt" | "changedBy">;

function put(change: PutPipeline, before: Deployment | null, stamp: Stamp): Deployment {
  const { name, text, begin = {} } = change;
  const labels = change.labels ?? before?.labels ?? {};
  const desired = change.desired ?? before?.desired ?? "running";
  const version = versionOf(text);
  const begun = Object.entries(begin).map(([statement, from]) => {
    return [statement, { count: (before?.beginnings[statement]?.count ?? 0) + 1, from }] as const;
  });
  const isSame = before !== null && before.version === version && before.desired === desired && begun.length === 0;
  if (isSame && before.text === text && JSON.stringify(before.labels) === JSON.stringify(labels)) return before;
  const beginnings = { ...before?.beginnings, ...Object.fromEntries(begun) };
  return { name, text, version, labels, desired, beginnings, ...stamp };
}
