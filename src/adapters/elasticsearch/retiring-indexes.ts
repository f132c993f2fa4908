import { LIMITS } from "../../limits.ts";
import { DatedPeriods } from "../../model/dated-periods.ts";
import { shortDuration } from "../../model/duration-text.ts";
import type { IndexRetirement } from "../../model/target-options.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ChangeError } from "../../ports/sink.ts";
import type { ElasticClient, ElasticRequest } from "./elastic-client.ts";
import { indexPattern } from "./index-name.ts";
import { isManaged, managedMeta } from "./index-template.ts";
import { isRecord } from "./server-error.ts";

export interface RetiringOptions {
  readonly client: ElasticClient;
  readonly name: string;
  readonly suffix: string;
  readonly retirement: IndexRetirement;
  readonly clock: Clock;
  readonly tell: (message: string) => void;
}

interface DatedIndex {
  readonly name: string;
  readonly isClosed: boolean;
  readonly isOurs: boolean;
  /** From when on its age counts. */
  readonly sinceMs: number;
}

/** Beside `managed_by`: when rows brought an index back whose time was over. */
const REVIVED = "revived_ms";

/** After a pass that failed. */
const RETRY_MS = 60_000;

/**
 * Closes and deletes the dated indexes of one target by their age. Each worker of a statement does so by itself: to close or delete an
 * index twice is nothing. Whether rows may be written goes by the name of their index and the clock, so that a deleted one does not
 * come back.
 */
export class RetiringIndexes {
  private readonly options: RetiringOptions;
  private readonly periods: DatedPeriods;
  private readonly closing = new AbortController();
  private readonly leftAlone = new Set<string>();
  private readonly revived = new Set<string>();
  private life: Promise<void> = Promise.resolve();

  constructor(options: RetiringOptions) {
    this.options = options;
    const periods = DatedPeriods.of(options.suffix);
    if (typeof periods === "string") throw new Error(`assertion failed: suffix ${options.suffix}: ${periods}`);
    this.periods = periods;
  }

  get revives(): boolean {
    return this.options.retirement.revives;
  }

  start(): void {
    this.life = this.live();
  }

  /** What is under way is given up; another look does it. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.life;
  }

  /** Why rows do not go to that index any more; null: they do, or `revive` brings it back. */
  refusalOf(index: string): ChangeError | null {
    if (this.revives || !this.isOver(index)) return null;
    const { closeAfterMs, deleteAfterMs } = this.options.retirement;
    const after = [
      ...(closeAfterMs === null ? [] : [`closed after ${shortDuration(closeAfterMs)}`]),
      ...(deleteAfterMs === null ? [] : [`deleted after ${shortDuration(deleteAfterMs)}`]),
    ];
    return { code: "CHANGE_REJECTED", message: `index "${index}" is retired: indexes of ${this.options.name} are ${after.join(" and ")}` };
  }

  /** Indexes that were thought to be open were not: they are brought back again. */
  forgetRevived(): void {
    this.revived.clear();
  }

  /** Opens those among the indexes whose time is over. Rejects as requests do. */
  async revive(indexes: Iterable<string>): Promise<void> {
    if (!this.revives) return;
    for (const index of indexes) {
      if (this.revived.has(index) || !this.isOver(index)) continue;
      await this.open(index);
      this.revived.add(index);
    }
  }

  private isOver(index: string): boolean {
    const { retirement, clock, name } = this.options;
    const period = index.startsWith(name) ? this.periods.at(index.slice(name.length)) : null;
    const afterMs = retirement.closeAfterMs ?? retirement.deleteAfterMs ?? Number.POSITIVE_INFINITY;
    return period !== null && clock.now() >= period.endMs + afterMs;
  }

  private async live(): Promise<void> {
    const { clock, tell, name } = this.options;
    const { signal } = this.closing;
    let told = "";
    while (!signal.aborted) {
      let [pauseMs, trouble] = [RETRY_MS, ""];
      try {
        pauseMs = (await this.pass()) - clock.now();
      } catch (error) {
        trouble = `indexes of ${name} were not closed or deleted: ${error instanceof Error ? error.message : String(error)}`;
        if (!signal.aborted && trouble !== told) tell(trouble);
      }
      told = trouble;
      await clock.sleep(Math.max(1, Math.min(pauseMs, LIMITS.retirementPauseMsMax)), signal);
    }
  }

  /** Gives when the next index is due; Infinity: none is. */
  private async pass(): Promise<number> {
    const { closeAfterMs, deleteAfterMs } = this.options.retirement;
    const nowMs = this.options.clock.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const index of await this.list()) {
      const [closeMs, deleteMs] = [closeAfterMs, deleteAfterMs].map((after) => index.sinceMs + (after ?? Number.POSITIVE_INFINITY)) as [
        number,
        number,
      ];
      if (!index.isOurs) this.leaveAlone(index.name);
      else if (nowMs >= deleteMs) await this.delete(index.name);
      else if (nowMs >= closeMs && !index.isClosed) await this.shut(index.name);
      for (const dueMs of [closeMs, deleteMs]) if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
    }
    return nextMs;
  }

  private async list(): Promise<readonly DatedIndex[]> {
    const { client, name, suffix } = this.options;
    const query = { expand_wildcards: "open,closed", filter_path: FILTER };
    const body = await client.call(this.request("GET", `/${encodeURIComponent(indexPattern(name, suffix))}`, query));
    const found: DatedIndex[] = [];
    for (const [index, described] of Object.entries(isRecord(body) ? body : {})) {
      const period = index.startsWith(name) ? this.periods.at(index.slice(name.length)) : null;
      if (period === null || !isRecord(described)) continue;
      const settings = isRecord(described.settings) && isRecord(described.settings.index) ? described.settings.index : {};
      const meta = isRecord(described.mappings) && isRecord(described.mappings._meta) ? described.mappings._meta : {};
      const againMs = this.revives ? [Number(settings.creation_date ?? 0), Number(meta[REVIVED] ?? 0)] : [];
      const isClosed = settings.verified_before_close === "true";
      found.push({ name: index, isClosed, isOurs: isManaged(described.mappings), sinceMs: Math.max(period.endMs, ...againMs) });
    }
    return found;
  }

  private leaveAlone(index: string): void {
    if (!this.leftAlone.has(index)) this.options.tell(`index "${index}" was not made by Sluice, so it is neither closed nor deleted`);
    this.leftAlone.add(index);
  }

  private async shut(index: string): Promise<void> {
    this.revived.delete(index);
    await this.ask("POST", `/${encodeURIComponent(index)}/_close`);
    this.options.tell(`index "${index}" was closed (close.after)`);
  }

  private async delete(index: string): Promise<void> {
    this.revived.delete(index);
    await this.ask("DELETE", `/${encodeURIComponent(index)}`);
    this.options.tell(`index "${index}" was deleted (delete.after)`);
  }

  /** One that is gone is made anew by its first row. */
  private async open(index: string): Promise<void> {
    const path = `/${encodeURIComponent(index)}`;
    const { status } = await this.options.client.request(this.request("HEAD", path));
    if (status === 404) return;
    const body = { _meta: managedMeta({ [REVIVED]: this.options.clock.now() }) };
    await this.ask("PUT", `${path}/_mapping`, body);
    await this.ask("POST", `${path}/_open`);
  }

  /** What another worker has deleted meanwhile is as it should be. */
  private async ask(method: ElasticRequest["method"], path: string, body?: Record<string, unknown>): Promise<void> {
    const request = { ...this.request(method, path), ...(body && { body }) };
    const answer = await this.options.client.request(request);
    if (answer.status >= 300 && answer.status !== 404) throw this.options.client.refused(request, answer);
  }

  private request(method: ElasticRequest["method"], path: string, query: ElasticRequest["query"] = {}): ElasticRequest {
    return { method, path, query, signal: this.closing.signal };
  }
}

const FILTER = "*.mappings._meta,*.settings.index.creation_date,*.settings.index.verified_before_close";
