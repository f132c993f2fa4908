import type { DoneMessage, ErrorReport, FromPipeline, ProgressMessage } from "../runtime/protocol.ts";
import { grouped } from "./output.ts";
import { errorText, placeOf } from "./print-error.ts";

/** Something that is tried again, by the words about it. */
interface Trouble {
  readonly sinceMs: number;
  /** When it was heard of last, and when it was told last. */
  readonly lastMs: number;
  readonly toldMs: number;
}

/** How often a trouble that lasts is told again. */
const TROUBLE_INTERVAL_MS = 10_000;
/** Longer than any pause between two tries: after it what comes is a new trouble. */
const TROUBLE_OVER_MS = 60_000;

/**
 * What a person sees of running pipelines, on standard error: events as lines, and on a terminal one line of progress
 * that is drawn over itself. In a pipe only events are written.
 */
export class PipelineWatch {
  readonly failures: ErrorReport[] = [];
  private readonly stream: NodeJS.WriteStream;
  private readonly latest = new Map<string, ProgressMessage | DoneMessage>();
  private readonly rates = new Map<string, { readonly atMs: number; readonly messages: number; readonly perSecond: number }>();
  private readonly told = new Map<string, string>();
  private readonly troubles = new Map<string, Trouble>();
  private readonly nowMs: () => number;
  private hasProgressLine = false;

  constructor(stream: NodeJS.WriteStream = process.stderr, nowMs: () => number = () => performance.now()) {
    this.stream = stream;
    this.nowMs = nowMs;
  }

  take(message: FromPipeline): void {
    switch (message.kind) {
      case "progress":
      case "done":
        this.progress(message);
        break;
      case "running":
        this.tellOnce(message.pipeline, `${message.pipeline}: running`);
        break;
      case "waiting":
        this.tellOnce(message.pipeline, `${message.pipeline}: waiting for ${message.topics.join(", ")}, which does not exist yet`);
        break;
      case "trouble":
        this.trouble(`${message.pipeline}: ${message.subject}: ${message.message}; trying again`);
        break;
      case "notice":
        this.tellOnce(`${message.pipeline}/${message.statement}`, `${message.pipeline}: ${message.statement}: ${message.message}`);
        break;
      case "skipped":
        this.line(`${message.pipeline}: skipped ${placeOf(message.error)}: ${message.error.message}`);
        break;
      case "late":
        this.line(`${message.pipeline}: late ${placeOf(message.error)}: ${message.error.message}`);
        break;
      case "statement-failed":
        this.failures.push(message.error);
        this.error(message.error, "stopped");
        break;
      case "failed":
        this.failures.push(message.error);
        this.error(message.error, `${message.pipeline} failed`);
        break;
      case "rows":
        break;
    }
  }

  /** A line of its own, above the progress line. */
  line(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** Ends the progress line. */
  close(): void {
    this.clear();
  }

  private error(error: ErrorReport, what: string): void {
    this.line(errorText(this.stream, error, what));
  }

  /** At once when it is new, then now and then, with how long it has been. */
  private trouble(text: string): void {
    const nowMs = this.nowMs();
    const before = this.troubles.get(text);
    const isOld = before !== undefined && nowMs - before.lastMs < TROUBLE_OVER_MS;
    const sinceMs = isOld ? before.sinceMs : nowMs;
    const isDue = !isOld || nowMs - before.toldMs >= TROUBLE_INTERVAL_MS;
    this.troubles.set(text, { sinceMs, lastMs: nowMs, toldMs: isDue ? nowMs : before.toldMs });
    const seconds = Math.round((nowMs - sinceMs) / 1000);
    if (isDue) this.line(`${text}${seconds > 0 ? `, for ${seconds} s now` : ""}`);
  }

  /** The same words again and again say nothing new. */
  private tellOnce(subject: string, text: string): void {
    if (this.told.get(subject) === text) return;
    this.told.set(subject, text);
    this.line(text);
  }

  private progress(message: ProgressMessage | DoneMessage): void {
    this.latest.set(message.pipeline, message);
    const before = this.rates.get(message.pipeline);
    const elapsed = message.seconds * 1000 - (before?.atMs ?? 0);
    if (before === undefined || elapsed >= 900) {
      const perSecond = elapsed > 0 ? ((message.messages - (before?.messages ?? 0)) / elapsed) * 1000 : 0;
      this.rates.set(message.pipeline, { atMs: message.seconds * 1000, messages: message.messages, perSecond });
    }
    if (!this.stream.isTTY) return;
    const parts = [...this.latest.values()].map((latest) => this.summary(latest));
    this.clear();
    this.stream.write(parts.join(" │ ").slice(0, Math.max((this.stream.columns ?? 80) - 1, 20)));
    this.hasProgressLine = true;
  }

  private summary({ pipeline, messages, statements }: ProgressMessage | DoneMessage): string {
    const perSecond = this.rates.get(pipeline)?.perSecond ?? 0;
    const lag = Math.max(0, ...statements.map((statement) => statement.lag));
    const detached = statements.filter(({ state }) => state === "detached").length;
    const failed = statements.filter(({ state }) => state === "failed").length;
    const eta = lag > 0 && perSecond > 0 ? `, ${Math.ceil(lag / perSecond)} s to go` : "";
    const marks = `${detached > 0 ? `, ${detached} detached` : ""}${failed > 0 ? `, ${failed} failed` : ""}`;
    return `${pipeline} ${grouped(messages)} messages, ${grouped(perSecond)}/s, lag ${grouped(lag)}${eta}${marks}`;
  }

  private clear(): void {
    if (!this.hasProgressLine) return;
    this.stream.write("\r\u001b[K");
    this.hasProgressLine = false;
  }
}
