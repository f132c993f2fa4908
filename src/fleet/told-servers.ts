import type { StatusEntry, StatusRecord } from "../ports/status-log.ts";
import type { ServerStatus } from "./shared-status.ts";
import { readRecord } from "./status-record.ts";

/** By the log's clock: a server that has told nothing for so long is gone. It tells at least every `TOLD_MS`. */
const GONE_MS = 25_000;
export const TOLD_MS = 10_000;

/** Who tells something, and of which pipeline; of none: that it is there. */
const SEPARATOR = "|";

interface TellingServer {
  /** When it was heard of last, by the log's clock. */
  toldMs: number;
  /** By pipeline, and by an empty name that it is there. */
  readonly records: Map<string, Told>;
}

interface Told {
  readonly text: string;
  /** undefined: nobody has asked for it yet; null: it cannot be taken. */
  status: Omit<ServerStatus, "server"> | null | undefined;
}

export function toldKey(server: string, pipeline: string): string {
  return `${server}${SEPARATOR}${pipeline}`;
}

/** The pipeline of a record that this server has told; null: another one has. */
export function ownPipeline(server: string, key: string): string | null {
  return key.startsWith(toldKey(server, "")) ? key.slice(server.length + SEPARATOR.length) : null;
}

/**
 * What servers have told each other, read off the log; also which of them are there, by the log's clock alone: whoever has read as far
 * as another one knows the same.
 */
export class ToldServers {
  private readonly byName = new Map<string, TellingServer>();
  private readonly onTrouble: (message: string) => void;
  private nowMs = Number.NEGATIVE_INFINITY;

  constructor(onTrouble: (message: string) => void) {
    this.onTrouble = onTrouble;
  }

  take({ key, value, timestampMs }: StatusRecord): void {
    this.nowMs = Math.max(this.nowMs, timestampMs);
    const end = key.indexOf(SEPARATOR);
    if (end <= 0) {
      this.onTrouble(`'${key}' is no record of a server; it is left out`);
      return;
    }
    const [name, pipeline] = [key.slice(0, end), key.slice(end + SEPARATOR.length)];
    const known = this.byName.get(name);
    if (value === null) {
      known?.records.delete(pipeline);
      if (known?.records.size === 0) this.byName.delete(name);
      return;
    }
    const server = known ?? { toldMs: timestampMs, records: new Map() };
    this.byName.set(name, server);
    server.toldMs = Math.max(server.toldMs, timestampMs);
    server.records.set(pipeline, { text: value, status: pipeline === "" ? null : undefined });
  }

  /** The servers that are there, by name. */
  get present(): readonly string[] {
    return [...this.byName].flatMap(([name, server]) => (this.isGone(server) ? [] : [name])).sort();
  }

  /** How the pipeline stands on each server that is there. */
  of(pipeline: string): readonly ServerStatus[] {
    return [...this.byName].flatMap(([server, telling]) => {
      const status = this.isGone(telling) ? null : this.statusOf(server, pipeline, telling.records.get(pipeline));
      return status === null ? [] : [{ server, ...status }];
    });
  }

  /** What forgets all that servers have told which are gone. */
  forgetGone(): readonly StatusEntry[] {
    return [...this.byName].flatMap(([name, server]) =>
      this.isGone(server) ? [...server.records.keys()].map((pipeline) => ({ key: toldKey(name, pipeline), value: null })) : [],
    );
  }

  private isGone({ toldMs }: TellingServer): boolean {
    return this.nowMs - toldMs > GONE_MS;
  }

  private statusOf(server: string, pipeline: string, told: Told | undefined): Omit<ServerStatus, "server"> | null {
    if (told === undefined || told.status === null) return null;
    if (told.status !== undefined) return told.status;
    const read = readRecord(told.text);
    told.status = typeof read === "string" ? null : read;
    if (typeof read === "string") this.onTrouble(`what ${server} tells of the pipeline '${pipeline}' ${read}; it is left out`);
    return told.status;
  }
}
