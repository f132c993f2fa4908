import { AsyncLocalStorage } from "node:async_hooks";
import { SluiceError } from "../errors.ts";
import type { CatalogChange, CatalogDamage, CatalogEntry, CatalogLog } from "../ports/catalog-log.ts";
import type { Clock } from "../ports/clock.ts";
import type { Deployment } from "./deployment.ts";
import { type ChangeStamp, changedBy, type DeploymentChange } from "./deployment-change.ts";
import { type Dropped, DroppedPipelines, droppedNow, rememberedBeside } from "./dropped.ts";

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

/** What a call does: the entries that say so, none where it changes nothing. */
interface Step<Result> {
  readonly entries: readonly CatalogEntry[];
  readonly result: Result;
}

const PIPELINE = "pipeline|";
const DROPPED = "dropped|";

/**
 * The catalog: which pipelines there are and what is wanted of them. What is answered is durable. Where several servers
 * share it, each hears of the others' changes.
 */
export class Deployments {
  /** Resolves when the catalog cannot be followed any more. */
  readonly failed: Promise<Error>;
  readonly dropped = new DroppedPipelines();
  private readonly log: CatalogLog;
  private readonly clock: Clock;
  private readonly byName = new Map<string, Deployment>();
  private readonly listeners = new Set<Listener>();
  private readonly fail: (error: Error) => void;
  private damaged: readonly CatalogDamage[] = [];
  private latest = 0;
  private queue: Promise<unknown> = Promise.resolve();
  /** The change that is being made here; its listeners are called where it was asked for. */
  private own: { readonly change: CatalogChange; readonly there: (tell: () => void) => void } | null = null;

  private constructor(log: CatalogLog, clock: Clock) {
    this.log = log;
    this.clock = clock;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.fail = resolve;
  }

  /** Rejects with STORE_BUSY and STORE_UNUSABLE. */
  static async open(log: CatalogLog, clock: Clock): Promise<Deployments> {
    const deployments = new Deployments(log, clock);
    const { generation, entries, damages } = await log.open({
      onChange: (change) => deployments.take(change),
      onFailed: (error) => deployments.fail(error),
    });
    const kept = [...entries].map(([key, value]) => ({ key, value }));
    const unreadable = kept.filter((entry) => !deployments.isReadable(entry)).map(({ key }) => key);
    deployments.take({ generation, entries: kept });
    const problem = "is no pipeline; it is left out, and stays in the catalog";
    deployments.damaged = [...damages, ...unreadable.map((place) => ({ place, problem, keptAs: null }))];
    return deployments;
  }

  /** What could not be read when it was opened. */
  get damages(): readonly CatalogDamage[] {
    return this.damaged;
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

  /** Calls the listener after each change, here or on another server. Gives a function that ends it. */
  onChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * All of the changes or none, also through a crash; one call after another. Changes that change nothing are left out.
   * Rejects with PIPELINE_UNKNOWN, CATALOG_CHANGED, STORE_UNUSABLE and CONNECTION_FAILED.
   */
  change(changes: readonly DeploymentChange[], options: ChangeOptions): Promise<readonly Changed[]> {
    return this.step((stamp) => this.changes(changes, options, stamp));
  }

  /** True for one server alone, once: what was kept under the name is to be removed, and nobody uses it. */
  beginDeletion(name: string): Promise<boolean> {
    return this.step(() => {
      const dropped = this.dropped.get(name);
      const mayBegin = dropped !== null && dropped.state === "pending" && this.get(name) === null;
      return mayBegin ? { entries: [droppedEntry({ ...dropped, state: "deleting" })], result: true } : { entries: [], result: false };
    });
  }

  /** What was kept under the name is gone; or it could not be removed, and a later start tries again. */
  endDeletion(name: string, state: "gone" | "pending"): Promise<void> {
    return this.step(() => {
      const dropped = this.dropped.get(name);
      if (dropped?.state !== "deleting") return { entries: [], result: undefined };
      if (this.get(name) !== null) return { entries: [forgotten(name)], result: undefined };
      const oldest = this.dropped.oldestGone();
      const ended = droppedEntry({ ...dropped, state, text: state === "gone" ? "" : dropped.text });
      return { entries: oldest === null ? [ended] : [ended, forgotten(oldest)], result: undefined };
    });
  }

  async close(): Promise<void> {
    await this.queue;
    await this.log.close();
  }

  private step<Result>(make: (stamp: Omit<ChangeStamp, "by">) => Step<Result>): Promise<Result> {
    const done = this.queue.then(async () => {
      for (;;) {
        const generation = this.latest + 1;
        const { entries, result } = make({ generation, nowMs: this.clock.now() });
        if (entries.length === 0) return result;
        const change = { generation, entries };
        this.own = { change, there: AsyncLocalStorage.snapshot() };
        try {
          await this.log.append(change);
          return result;
        } catch (error) {
          // Another server was first: what is asked for is tried on what there is now.
          if (!(error instanceof SluiceError) || error.code !== "CATALOG_CHANGED") throw error;
        } finally {
          this.own = null;
        }
      }
    });
    this.queue = done.catch(() => {});
    return done;
  }

  private changes(
    changes: readonly DeploymentChange[],
    { by, expected }: ChangeOptions,
    at: Omit<ChangeStamp, "by">,
  ): Step<readonly Changed[]> {
    if (expected !== undefined && expected !== this.latest) throw changedMeanwhile("the catalog", this.latest, expected);
    const stamp = { ...at, by };
    const entries: CatalogEntry[] = [];
    const changed = changes.map((change): Changed => {
      const { name } = change;
      const before = this.get(name);
      const seen = before?.generation ?? null;
      if (change.at !== undefined && change.at !== seen) throw changedMeanwhile(`the pipeline '${name}'`, seen, change.at);
      const dropped = this.dropped.get(name);
      const after = changedBy(change, before, dropped, stamp);
      if (before !== after) entries.push({ key: `${PIPELINE}${name}`, value: after === null ? null : JSON.stringify(after) });
      if (change.kind === "drop" && before !== null) entries.push(droppedEntry(droppedNow(before, change, at.nowMs)));
      if (before === null && after !== null && dropped !== rememberedBeside(dropped)) entries.push(forgotten(name));
      return { before, after };
    });
    return { entries, result: changed };
  }

  private take(change: CatalogChange): void {
    this.latest = change.generation;
    const changed = change.entries.filter((entry) => this.isReadable(entry)).flatMap((entry) => this.apply(entry));
    if (changed.length === 0) return;
    const tell = (): void => {
      for (const listener of [...this.listeners]) listener(changed);
    };
    if (this.own?.change === change) this.own.there(tell);
    else tell();
  }

  private apply({ key, value }: CatalogEntry): readonly Changed[] {
    if (key.startsWith(DROPPED)) this.dropped.set(key.slice(DROPPED.length), value === null ? null : (JSON.parse(value) as Dropped));
    if (!key.startsWith(PIPELINE)) return [];
    const name = key.slice(PIPELINE.length);
    const before = this.get(name);
    const after = value === null ? null : (JSON.parse(value) as Deployment);
    if (after === null) this.byName.delete(name);
    else this.byName.set(name, after);
    return before === null && after === null ? [] : [{ before, after }];
  }

  private isReadable({ value }: CatalogEntry): boolean {
    if (value === null) return true;
    try {
      return typeof (JSON.parse(value) as Partial<Deployment> | null)?.text === "string";
    } catch {
      return false;
    }
  }
}

function droppedEntry(dropped: Dropped): CatalogEntry {
  return { key: `${DROPPED}${dropped.name}`, value: JSON.stringify(dropped) };
}

function forgotten(name: string): CatalogEntry {
  return { key: `${DROPPED}${name}`, value: null };
}

function changedMeanwhile(what: string, now: number | null, seen: number | null): SluiceError {
  const generation = (at: number | null): string => (at === null ? "not there" : `at generation ${at}`);
  const message = `${what} has changed meanwhile: it is ${generation(now)}, and was to be ${generation(seen)}`;
  return new SluiceError("CATALOG_CHANGED", message, { hint: "read it again, then change that" });
}
