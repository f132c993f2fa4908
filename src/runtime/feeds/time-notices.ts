import type { Coordinates } from "../../errors.ts";
import { SluiceError } from "../../errors.ts";
import type { PipelineEvents } from "../environment.ts";

/** As seconds: 1973 and 2286. */
const SECONDS_MIN = 1e8;
const SECONDS_MAX = 1e10;

/** What somebody should know of the times that a task meets; a little of it, not of each record. */
export class TimeNotices {
  private readonly statement: string;
  private readonly events: PipelineEvents;
  private hasToldLate = false;
  private hasToldUnit = false;

  constructor(statement: string, events: PipelineEvents) {
    this.statement = statement;
    this.events = events;
  }

  beginBatch(): void {
    this.hasToldLate = false;
  }

  /** A record was late; of a batch the first is told of. */
  late(timeMs: number, where: Omit<Coordinates, "statement">, over: "windows" | "matches" = "windows"): void {
    if (this.hasToldLate) return;
    this.hasToldLate = true;
    const { statement, events } = this;
    const coordinates = { statement, ...where };
    const time = new Date(timeMs).toJSON();
    const why = over === "windows" ? `the windows of ${time} are closed` : `all that a record of ${time} could match is over`;
    events.late(statement, new SluiceError("RECORD_LATE", why, { coordinates }));
  }

  /** Windows go by these times; those of a few weeks after 1970, in which nobody measured anything, are counted in seconds. */
  units(logTimeMs: number, streamTimeMs: number): void {
    if (this.hasToldUnit) return;
    const isOfLog = looksLikeSeconds(logTimeMs);
    if (!isOfLog && !looksLikeSeconds(streamTimeMs)) return;
    this.hasToldUnit = true;
    const what = isOfLog ? `record timestamps such as ${logTimeMs}` : `event times such as ${streamTimeMs}`;
    const hint = isOfLog ? "whoever writes them has to multiply by 1000" : "EVENTTIME BY column * 1000 makes them";
    this.events.notice(this.statement, `${what} look like seconds, and milliseconds are meant: ${hint}`);
  }
}

function looksLikeSeconds(timeMs: number): boolean {
  return timeMs >= SECONDS_MIN && timeMs < SECONDS_MAX;
}
