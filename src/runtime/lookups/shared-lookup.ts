import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { MadeOnce } from "../../made-once.ts";
import type { CompiledLookup } from "../../plan/code/compile-lookups.ts";
import type { LookupPlan } from "../../plan/pipeline-plan.ts";
import type { Connection } from "../../ports/connection.ts";
import type { FoundRow, Lookup } from "../../ports/lookup.ts";
import { asSluiceError } from "../as-error.ts";
import { backOff } from "../backoff.ts";
import type { Environment } from "../environment.ts";
import type { LookupProgress } from "../protocol.ts";
import { unlessAborted } from "../unless-aborted.ts";

export interface SharedLookupOptions {
  readonly compiled: CompiledLookup;
  readonly env: Environment;
  readonly connection: (name: string) => Promise<Connection>;
  readonly onTrouble: (message: string) => void;
  readonly onRecovered: () => void;
}

/** What is known of a key, and since when, on the monotonic clock. */
export interface KnownRow {
  readonly row: FoundRow;
  readonly atMs: number;
}

/** The rows of keys, in their order, and for how many there was a request. */
export interface FoundRows {
  readonly rows: readonly KnownRow[];
  readonly asked: number;
}

const KEPT_ROW_BYTES = 200;

/** The rows of one table that a statement looks up, for all partitions of a thread: kept in mind for a while, asked for many at a time. */
export class SharedLookup {
  readonly counters = { hits: 0, misses: 0, errors: 0 };
  private readonly options: SharedLookupOptions;
  /** By key; the one that was not asked for longest comes first. */
  private readonly cache = new Map<string, KnownRow>();
  private cacheBytes = 0;
  private readonly lookup = new MadeOnce(() => this.open());
  private lanes = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(options: SharedLookupOptions) {
    this.options = options;
  }

  get compiled(): CompiledLookup {
    return this.options.compiled;
  }

  get progress(): LookupProgress {
    return { table: this.label, ...this.counters };
  }

  /** Tries again what may pass; rejects with STOPPED when aborted. */
  async find(keys: readonly string[], signal: AbortSignal): Promise<FoundRows> {
    const nowMs = this.options.env.clock.monotonic();
    const found = new Map<string, KnownRow>();
    const missing: string[] = [];
    for (const key of keys) {
      const known = this.kept(key, nowMs);
      if (known === null) missing.push(key);
      else found.set(key, known);
    }
    this.counters.misses += missing.length;
    const parts: string[][] = [];
    for (let at = 0; at < missing.length; at += LIMITS.lookupKeysMax) parts.push(missing.slice(at, at + LIMITS.lookupKeysMax));
    const giveUp = new AbortController();
    const stopped = AbortSignal.any([signal, giveUp.signal]);
    try {
      await Promise.all(parts.map((part) => this.inLane(() => this.findPart(part, found, stopped))));
    } catch (error) {
      giveUp.abort();
      throw error;
    }
    return { rows: keys.map((key) => found.get(key) as KnownRow), asked: missing.length };
  }

  private get plan(): LookupPlan {
    return this.options.compiled.plan;
  }

  private async findPart(keys: readonly string[], found: Map<string, KnownRow>, signal: AbortSignal): Promise<void> {
    const rows = await this.retrying(signal, async (limit) => {
      const lookup = await this.lookup.get();
      return lookup.find(keys, limit);
    });
    const atMs = this.options.env.clock.monotonic();
    for (const [index, key] of keys.entries()) {
      const known = { row: rows[index] ?? null, atMs };
      found.set(key, known);
      this.keep(key, known);
    }
  }

  private async open(): Promise<Lookup> {
    const { name, connection, keys, fields } = this.plan;
    const opened = await this.options.connection(connection);
    if (opened.openLookup === undefined)
      throw new SluiceError("CONFIG_INVALID", `connection ${connection} has no tables to look up rows in`);
    return opened.openLookup({ name, keys: keys.map(({ field }) => field), fields });
  }

  private async retrying<T>(signal: AbortSignal, action: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const { env, onTrouble, onRecovered } = this.options;
    const { retriesMax, retryIntervalMs } = this.plan.settings;
    for (let attempt = 1; ; attempt++) {
      throwIfStopped(signal);
      try {
        const result = await this.limited(signal, action);
        if (attempt > 1) onRecovered();
        return result;
      } catch (error) {
        throwIfStopped(signal);
        const known = asSluiceError(error);
        this.counters.errors++;
        if (!known.retryable || attempt > retriesMax) throw known;
        onTrouble(`look-up in ${this.label}: ${known.message} (try ${attempt} of ${retriesMax + 1})`);
      }
      await backOff(attempt, retryIntervalMs, null, env, signal);
    }
  }

  /** One request, which is given up when it takes too long. */
  private async limited<T>(signal: AbortSignal, action: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.options.env;
    const { timeoutMs } = this.plan.settings.lookup;
    const limit = new AbortController();
    const timer = new AbortController();
    const stop = AbortSignal.any([signal, limit.signal]);
    void clock.sleep(timeoutMs, timer.signal).then(() => limit.abort());
    try {
      const work = action(stop).then((value) => ({ value }));
      work.catch(() => {});
      const result = await unlessAborted(work, stop);
      if (result !== undefined) return result.value;
    } catch (error) {
      if (!limit.signal.aborted) throw error;
    } finally {
      timer.abort();
    }
    throw new SluiceError("CONNECTION_FAILED", `no answer within ${timeoutMs} ms (lookup.timeout)`);
  }

  private async inLane(work: () => Promise<void>): Promise<void> {
    while (this.lanes >= LIMITS.lookupLanes) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.lanes++;
    try {
      await work();
    } finally {
      this.lanes--;
      this.waiting.shift()?.();
    }
  }

  private kept(key: string, nowMs: number): KnownRow | null {
    const known = this.cache.get(key);
    if (known === undefined) return null;
    this.cache.delete(key);
    if (nowMs - known.atMs >= this.plan.settings.lookup.cacheTtlMs) {
      this.cacheBytes -= bytesOf(key, known);
      return null;
    }
    this.cache.set(key, known);
    return known;
  }

  private keep(key: string, known: KnownRow): void {
    const { cacheRows, cacheTtlMs } = this.plan.settings.lookup;
    if (cacheRows === 0 || cacheTtlMs === 0) return;
    const before = this.cache.get(key);
    if (before !== undefined) this.cacheBytes -= bytesOf(key, before);
    this.cache.delete(key);
    this.cache.set(key, known);
    this.cacheBytes += bytesOf(key, known);
    for (const [oldest, row] of this.cache) {
      if (this.cache.size <= cacheRows && this.cacheBytes <= LIMITS.lookupCacheBytesMax) break;
      this.cache.delete(oldest);
      this.cacheBytes -= bytesOf(oldest, row);
    }
  }

  get label(): string {
    return `${this.plan.connection}.${this.plan.name}`;
  }
}

function bytesOf(key: string, { row }: KnownRow): number {
  return KEPT_ROW_BYTES + key.length * 2 + (row !== null && "length" in row ? row.length : 0);
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new SluiceError("STOPPED", "what is looked up is not wanted any more");
}
