import { randomUUID } from "node:crypto";
import type { StatusEntry, StatusLog, StatusRecord } from "../ports/status-log.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { backOff } from "../runtime/backoff.ts";
import type { Environment } from "../runtime/environment.ts";
import type { Deployments } from "./deployments.ts";
import type { Fleet } from "./fleet.ts";
import { mergedStatus, type SharedStatus } from "./shared-status.ts";
import { writeRecord } from "./status-record.ts";
import { ownPipeline, TOLD_MS, ToldServers, toldKey } from "./told-servers.ts";

/** How pipelines stand, wherever they run. */
export interface PipelineStatuses {
  /** null: there is no such pipeline. */
  status(pipeline: string): SharedStatus | null;
}

export interface SharedStatusesOptions {
  readonly log: StatusLog;
  readonly fleet: Fleet;
  readonly deployments: Deployments;
  readonly env: Environment;
  readonly onTrouble: (message: string) => void;
}

/** What changes is told no oftener, all of it at once. */
const PACE_MS = 2_000;
/** Pipelines tell how they stand at the same moments. */
const GATHER_MS = 100;
/** Nothing of the log was heard for so long, not even what was told here: what others have told may be long over. */
const DEAF_MS = 30_000;
const RETRY_MS = 1_000;
/** At its end a server says that it is gone, and waits no longer than this for whether it was heard. */
const FAREWELL_MS = 3_000;

/** Of a server that keeps its own catalog. */
export function ownStatuses(fleet: Fleet): PipelineStatuses {
  return {
    status(pipeline) {
      const status = fleet.status(pipeline);
      return status === null ? null : { ...status, servers: [] };
    },
  };
}

/**
 * How pipelines stand on all servers that share a catalog: each tells the others how its own share of them stands, once that has changed,
 * and now and then that it is there.
 */
export class SharedStatuses implements PipelineStatuses {
  private readonly options: SharedStatusesOptions;
  private readonly over = new AbortController();
  private readonly unsubscribe: () => void;
  /** Pipelines whose standing may be another one than was told. */
  private readonly stale = new Set<string>();
  /** What was told of each pipeline, and by an empty name of itself. */
  private readonly told = new Map<string, string>();
  private waking = new AbortController();
  private servers: ToldServers;
  /** This one; null: it has not begun. */
  private own: string | null = null;
  /** Monotonic ms of what was told last, of when it was told last that it is there, and of when something told here was heard last. */
  private toldMs = Number.NEGATIVE_INFINITY;
  private thereMs = Number.NEGATIVE_INFINITY;
  private heardMs = Number.NEGATIVE_INFINITY;
  private readonly troubles = new Set<string>();
  private work: Promise<unknown> = Promise.resolve();

  constructor(options: SharedStatusesOptions) {
    this.options = options;
    this.servers = this.newServers();
    this.unsubscribe = options.fleet.onStatus((pipeline) => {
      this.stale.add(pipeline);
      this.waking.abort();
    });
  }

  /** From now on others are told, and heard. `name`: what people call this server, without `|`. */
  begin(name: string): void {
    // One that is started again under its name is not the one that has died.
    this.own = `${name}#${randomUUID().slice(0, 8)}`;
    this.tellAll();
    this.work = Promise.all([this.follow(), this.tell(this.own)]);
  }

  status(pipeline: string): SharedStatus | null {
    const { fleet, deployments, env } = this.options;
    const status = fleet.status(pipeline);
    const { own } = this;
    if (status === null || own === null) return status === null ? null : { ...status, servers: [] };
    const isDeaf = env.clock.monotonic() - this.heardMs > DEAF_MS;
    const others = isDeaf ? [] : this.servers.of(pipeline).filter(({ server }) => server !== own);
    const here = { server: own, generation: deployments.get(pipeline)?.generation ?? 0, status };
    return { ...mergedStatus([here, ...others]), diagnostics: status.diagnostics };
  }

  /** The others are told that this one is gone. */
  async close(): Promise<void> {
    this.unsubscribe();
    this.over.abort();
    const { own } = this;
    if (own === null) return;
    const patience = new AbortController();
    const farewell = this.work.then(() => this.forgetOwn(own)).catch(() => {});
    // Else it is gone once it was not heard of for a while.
    await Promise.race([farewell, this.options.env.clock.sleep(FAREWELL_MS, patience.signal)]);
    patience.abort();
  }

  private async forgetOwn(own: string): Promise<void> {
    const entries = [...this.told.keys()].map((pipeline) => ({ key: toldKey(own, pipeline), value: null }));
    if (entries.length > 0) await this.options.log.append(entries);
  }

  private newServers(): ToldServers {
    return new ToldServers((message) => this.options.onTrouble(message));
  }

  private tellAll(): void {
    for (const { name } of this.options.deployments.list()) this.stale.add(name);
    for (const pipeline of this.told.keys()) this.stale.add(pipeline);
    this.told.clear();
    this.thereMs = Number.NEGATIVE_INFINITY;
    this.waking.abort();
  }

  // --- what others tell ----------------------------------------------------------------------------

  private async follow(): Promise<void> {
    const { log, env } = this.options;
    const { signal } = this.over;
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await log.follow((records) => this.take(records), signal);
      } catch (error) {
        this.trouble(error);
        await backOff(failures, RETRY_MS, null, env, signal);
      }
      if (signal.aborted) return;
      // It may be another log by now.
      this.servers = this.newServers();
      this.heardMs = Number.NEGATIVE_INFINITY;
      this.tellAll();
    }
  }

  private take(records: readonly StatusRecord[]): void {
    for (const record of records) {
      this.servers.take(record);
      const pipeline = ownPipeline(this.own ?? "", record.key);
      if (pipeline === null) continue;
      this.heardMs = this.options.env.clock.monotonic();
      this.troubles.clear();
      // Who stood still for a while was taken for gone.
      if (record.value === null && this.told.delete(pipeline)) this.stale.add(pipeline);
    }
    if (this.stale.size > 0) this.waking.abort();
  }

  // --- what it tells them --------------------------------------------------------------------------

  private async tell(own: string): Promise<void> {
    const { env } = this.options;
    const { signal } = this.over;
    for (let failures = 0; !signal.aborted; ) {
      await this.untilDue();
      if (signal.aborted) return;
      const saysThatItIsThere = env.clock.monotonic() - this.thereMs >= TOLD_MS;
      const stale = [...this.stale];
      this.stale.clear();
      const entries = [...this.changesOf(own, stale), ...(saysThatItIsThere ? this.signOfLife(own) : [])];
      if (entries.length === 0) continue;
      try {
        await this.append(own, entries);
        if (saysThatItIsThere) this.thereMs = this.toldMs;
        failures = 0;
      } catch (error) {
        for (const pipeline of stale) this.stale.add(pipeline);
        this.trouble(error);
        await backOff(++failures, RETRY_MS, null, env, signal);
      }
    }
  }

  /** Something may have changed, and nothing was told just now; or it is time to say that it is there. */
  private async untilDue(): Promise<void> {
    const { clock } = this.options.env;
    const { signal } = this.over;
    const leftMs = (atMs: number): number => Math.max(0, atMs - clock.monotonic());
    if (this.stale.size === 0) {
      this.waking = new AbortController();
      await clock.sleep(leftMs(this.thereMs + TOLD_MS), AbortSignal.any([signal, this.waking.signal]));
    }
    if (this.stale.size > 0) await clock.sleep(Math.max(GATHER_MS, leftMs(this.toldMs + PACE_MS)), signal);
  }

  private changesOf(own: string, pipelines: readonly string[]): readonly StatusEntry[] {
    const { fleet, deployments } = this.options;
    return pipelines.flatMap((pipeline) => {
      const [status, deployment] = [fleet.status(pipeline), deployments.get(pipeline)];
      const value = status === null || deployment === null ? null : writeRecord({ generation: deployment.generation, status });
      return value === (this.told.get(pipeline) ?? null) ? [] : [{ key: toldKey(own, pipeline), value }];
    });
  }

  /** And what those have told who show none any more is forgotten, by one of those who do. */
  private signOfLife(own: string): readonly StatusEntry[] {
    const [first] = this.servers.present;
    return [{ key: toldKey(own, ""), value: "{}" }, ...(first === own ? this.servers.forgetGone() : [])];
  }

  private async append(own: string, entries: readonly StatusEntry[]): Promise<void> {
    const refused = await this.options.log.append(entries);
    for (const [key, why] of refused) this.options.onTrouble(`how ${key} stands is not told to other servers: ${why}`);
    this.toldMs = this.options.env.clock.monotonic();
    for (const { key, value } of entries) {
      const pipeline = ownPipeline(own, key);
      if (pipeline === null) continue;
      if (value === null) this.told.delete(pipeline);
      else this.told.set(pipeline, value);
    }
  }

  /** Each once, until it is over. */
  private trouble(error: unknown): void {
    const { message } = asSluiceError(error);
    if (!this.troubles.has(message)) this.options.onTrouble(`how pipelines stand on other servers is not known: ${message}`);
    this.troubles.add(message);
  }
}
