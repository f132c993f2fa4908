import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type ChangeBatch, idOf } from "../../model/change.ts";
import { RefusalCut } from "../../model/refusal-cut.ts";
import type { Clock } from "../../ports/clock.ts";
import { type ChangeError, Outcome, type WriteResult } from "../../ports/sink.ts";
import { rowsByPlace } from "../rows-by-place.ts";
import { bulkBody, bulkBytesOf, cutOf, targetOf } from "./bulk-body.ts";
import type { BulkLimits } from "./bulk-limits.ts";
import { CLOSED, isBusy, itemOutcome, mayPass } from "./bulk-outcome.ts";
import type { ElasticAnswer, ElasticClient, ElasticRequest } from "./elastic-client.ts";
import { indexNameProblem } from "./index-name.ts";
import type { RetiringIndexes } from "./retiring-indexes.ts";
import { isRecord, reasonOf } from "./server-error.ts";

/** What all writes of one sink share. */
export interface BulkRoute {
  readonly client: ElasticClient;
  /** Where changes go that name no index of their own. */
  readonly index: string;
  /** null: documents go through that of their index, if it has one. */
  readonly ingestPipeline: string | null;
  readonly limits: BulkLimits;
  readonly clock: Clock;
  /** Changes are rows that are added to a data stream. */
  readonly isAppended: boolean;
  /** Where dated indexes are closed and deleted by their age. */
  readonly retiring: RetiringIndexes | null;
}

/**
 * One batch on its way. Its rows are dealt out to lanes by their id; a lane sends one request after the other, so that no
 * two requests under way hold the same id.
 */
export class BulkWrite {
  private readonly outcomes: Uint8Array;
  private readonly errors = new Map<number, ChangeError>();
  private retryAfterMs: number | null = null;
  /** Set when the server asked for a pause: nothing more is sent. */
  private pause: ChangeError | null = null;
  private failed = false;
  private isSlowed = false;
  private readonly route: BulkRoute;
  private readonly batch: ChangeBatch;
  private readonly signal: AbortSignal;
  private readonly cut: RefusalCut;

  constructor(route: BulkRoute, batch: ChangeBatch, signal: AbortSignal, stopsAtRefusal: boolean) {
    this.route = route;
    this.batch = batch;
    this.signal = signal;
    this.outcomes = new Uint8Array(batch.count);
    this.cut = new RefusalCut(stopsAtRefusal);
  }

  async run(): Promise<WriteResult> {
    const { retiring, index } = this.route;
    if (retiring !== null) await retiring.revive(new Set(this.batch.targets ?? [index]));
    const lanes = this.lanes().map((rows) => this.sendLane(rows));
    // All lanes must have ended before the caller may send the same ids again.
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === "rejected") throw lane.reason;
    return { outcomes: this.outcomes, errors: this.errors, retryAfterMs: this.retryAfterMs };
  }

  /** The rows that can be sent, by lane. One row that is not legal would make the server refuse a whole request. */
  private lanes(): readonly Int32Array[] {
    const { batch } = this;
    const { limits } = this.route;
    let bytes = 0;
    for (let row = 0; row < batch.count; row++) bytes += bulkBytesOf(batch, row);
    const requests = Math.max(Math.ceil(batch.count / limits.documentsMax), Math.ceil(bytes / limits.bytesMax));
    const lanes = Math.max(1, Math.min(limits.inFlight, requests));
    const laneOf = new Int32Array(batch.count);
    const problems = new Map<string, ChangeError | null>();
    for (let row = 0; row < batch.count; row++) {
      const problem = this.problemOf(row, problems);
      if (problem !== null) this.settle(row, Outcome.rejected, problem);
      const { idStarts, idEnds } = batch;
      if (problem !== null) laneOf[row] = -1;
      else if (lanes > 1) laneOf[row] = hashOf(batch.bytes, idStarts[row] as number, idEnds[row] as number) % lanes;
    }
    return rowsByPlace(laneOf, lanes);
  }

  private problemOf(row: number, problems: Map<string, ChangeError | null>): ChangeError | null {
    const bytes = (this.batch.idEnds[row] as number) - (this.batch.idStarts[row] as number);
    if (bytes > LIMITS.elasticIdBytesMax) {
      return {
        code: "ID_TOO_LONG",
        message: `the id "${idOf(this.batch, row).slice(0, 40)}…" has ${bytes} bytes; Elasticsearch takes ${LIMITS.elasticIdBytesMax}`,
      };
    }
    if (bytes === 0) return { code: "CHANGE_REJECTED", message: "the id is empty, which Elasticsearch does not take" };
    const index = targetOf(this.batch, row, this.route.index);
    let problem = problems.get(index);
    if (problem === undefined) {
      const illegal = indexNameProblem(index);
      problem = illegal === null ? (this.route.retiring?.refusalOf(index) ?? null) : { code: "CHANGE_REJECTED", message: illegal };
      problems.set(index, problem);
    }
    return problem;
  }

  private async sendLane(rows: Int32Array): Promise<void> {
    try {
      let left = rows;
      while (left.length > 0 && !this.failed) {
        left = this.withoutLeftOut(left);
        const to = cutOf(this.batch, left, 0, this.route.limits.documentsMax, this.route.limits.bytesMax);
        await this.send(left.subarray(0, to));
        left = left.subarray(to);
      }
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  /** Those that stand behind a refused one are not sent. */
  private withoutLeftOut(rows: Int32Array): Int32Array {
    const sent = this.cut.countBefore(rows);
    if (sent === rows.length) return rows;
    for (const row of rows.subarray(sent)) this.outcomes[row] = Outcome.retry;
    return rows.subarray(0, sent);
  }

  private async send(rows: Int32Array): Promise<void> {
    if (rows.length === 0) return;
    if (this.pause !== null) return this.settleAll(rows, Outcome.retry, this.pause);
    const { client, index, ingestPipeline, limits, clock, isAppended } = this.route;
    const ndjson = bulkBody(this.batch, rows, index, isAppended);
    const query = { filter_path: "errors,items.*.status,items.*.error", ...(ingestPipeline === null ? {} : { pipeline: ingestPipeline }) };
    const request: ElasticRequest = { method: "POST", path: "/_bulk", query, ndjson, signal: this.signal };
    const answer = await client.requestForBytes(request);
    if (answer.status === 200) return this.settleItems(rows, answer.body as Buffer);
    if (answer.status === 413) limits.tooLarge(ndjson.length);
    if (answer.status === 429) this.slowDown();
    if (answer.status === 413 || answer.status === 400) return this.sendInHalves(rows, answer);
    if (!mayPass(answer.status)) throw client.refused(request, answer);
    this.pause = { code: "CHANGE_UNAVAILABLE", message: `the bulk request was answered with ${answer.status}: ${reasonOf(answer.body)}` };
    this.retryAfterMs = retryAfterMs(answer.retryAfter, clock.now());
    this.settleAll(rows, Outcome.retry, this.pause);
  }

  /** Requests that were under way together are turned away together: that says it once. */
  private slowDown(): void {
    if (!this.isSlowed) this.route.limits.tooBusy();
    this.isSlowed = true;
  }

  /** A request refused as a whole, too large or with something illegal in it: its good rows must not suffer for it. */
  private async sendInHalves(rows: Int32Array, answer: ElasticAnswer): Promise<void> {
    if (rows.length === 1) {
      const why = answer.status === 413 ? "the document is larger than the server takes in one request" : reasonOf(answer.body);
      return this.settleAll(rows, Outcome.rejected, { code: "CHANGE_REJECTED", message: `index "${this.route.index}": ${why}` });
    }
    await this.send(rows.subarray(0, rows.length >> 1));
    await this.send(this.withoutLeftOut(rows.subarray(rows.length >> 1)));
  }

  private settleItems(rows: Int32Array, body: Buffer): void {
    // Their outcome is what `outcomes` begins with.
    if (saysAllWritten(body, rows.length)) {
      this.route.limits.taken();
      return;
    }
    const answer: unknown = JSON.parse(body.toString("utf8"));
    const items = isRecord(answer) && Array.isArray(answer.items) ? answer.items : [];
    if (items.length !== rows.length) {
      const message = `Elasticsearch answered ${rows.length} changes of a bulk request with ${items.length} results`;
      throw new SluiceError("CHANGE_UNAVAILABLE", message);
    }
    const { retiring, limits } = this.route;
    const mayOpen = retiring?.revives === true;
    if (mayOpen && body.includes(CLOSED)) retiring.forgetRevived();
    rows.forEach((row, i) => {
      const index = targetOf(this.batch, row, this.route.index);
      const { outcome, error } = itemOutcome(this.batch.operations[row] as number, items[i], index, mayOpen);
      if (outcome === Outcome.retry && isBusy(items[i])) this.slowDown();
      this.settle(row, outcome, error);
    });
    if (!this.isSlowed) limits.taken();
  }

  private settleAll(rows: Int32Array, outcome: number, error: ChangeError): void {
    for (const row of rows) this.settle(row, outcome, error);
  }

  private settle(row: number, outcome: number, error: ChangeError | null): void {
    this.outcomes[row] = outcome;
    if (outcome === Outcome.rejected) this.cut.refused(row);
    if (error !== null) this.errors.set(row, error);
  }
}

const NO_ERRORS = Buffer.from('{"errors":false,');
const OPEN_BRACE = 0x7b;

/**
 * Whether an answer has so many results, none of them an error: `{"errors":false,"items":[{"index":{"status":201}},…]}`.
 * Found without making objects, which took longer than all else that is done for a document.
 */
function saysAllWritten(body: Buffer, results: number): boolean {
  if (!body.subarray(0, NO_ERRORS.length).equals(NO_ERRORS)) return false;
  let braces = 0;
  for (let at = 0; at < body.length; at++) if (body[at] === OPEN_BRACE) braces++;
  return braces === 1 + 2 * results;
}

/** FNV-1a. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

/** Retry-After as seconds or as a date; null where it is neither. */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
