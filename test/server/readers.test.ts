import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { ServedProject } from "../support/served-project.ts";
import { until } from "../support/until.ts";

const READERS = 200;
const BEFORE = 100;
/** So many times. */
const WAVES = 3;
const AFTER = 3_000;
/** Rows of the slow reader alone are so large: together far more than sockets hold. */
const SLOW_ROW_BYTES = 8_000;
const ALL = BEFORE + WAVES * AFTER;
const MB = 1 << 20;
/** A fetch that is worked off and the next one, columns, rows on their way. */
const READER_BYTES_MAX = 5 * MB;

/** A client of `/v1/query` that counts the rows that it takes, and takes none while it is held. */
class Reader {
  rows = 0;
  ids: number[] = [];
  private response: IncomingMessage | null = null;
  private readonly request: ClientRequest;
  private rest = "";

  constructor(url: string, sql: string, keepsIds: boolean) {
    const body = JSON.stringify({ sql, from: "earliest" });
    this.request = request(`${url}/v1/query`, { method: "POST", headers: { "content-type": "application/json" }, agent: false });
    this.request.on("error", () => {});
    this.request.on("response", (response) => {
      this.response = response;
      response.setEncoding("utf8").on("data", (text: string) => this.take(text, keepsIds));
      response.on("error", () => {});
    });
    this.request.end(body);
  }

  hold(): void {
    this.response?.pause();
  }

  goOn(): void {
    this.response?.resume();
  }

  close(): void {
    this.request.destroy();
  }

  private take(text: string, keepsIds: boolean): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith('{"row"')) continue;
      this.rows++;
      if (keepsIds) this.ids.push((JSON.parse(line) as { row: { id: number } }).row.id);
    }
  }
}

describe("many readers", () => {
  const server = new ServedProject({ "sluice.yaml": "server:\n  limits: { requests.per.minute: 100000 }\n" });
  const readers: Reader[] = [];
  const store = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, `${server.folder}/.sluice`, systemClock);

  beforeAll(() => server.start(), 60_000);
  afterAll(async () => {
    for (const reader of readers) reader.close();
    await store.close();
    await server.close();
  });

  const produce = async (from: number, to: number): Promise<void> => {
    for (let first = from; first < to; first += 500) {
      const ids = Array.from({ length: Math.min(500, to - first) }, (_, n) => first + n);
      await store.source.append(
        "readings",
        ids.map((id) => ({
          key: null,
          value: Buffer.from(JSON.stringify({ id, padding: "x".repeat(200) })),
          timestampMs: systemClock.now(),
        })),
      );
    }
  };
  const rssBytes = async (): Promise<number> => {
    const { body } = await server.client.request<string>("GET", "/metrics");
    return Number(/^sluice_process_resident_memory_bytes (\S+)/m.exec(body)?.[1]);
  };

  it(`keep up, all ${READERS} of them, while one takes nothing, which then goes on where it was`, async () => {
    await produce(0, BEFORE);
    const alone = await rssBytes();
    const slow = new Reader(server.client.url, `SELECT id, REPEAT('x', ${SLOW_ROW_BYTES}) AS padding FROM readings`, true);
    readers.push(slow);
    await until(() => slow.rows === BEFORE, "the slow reader's first rows");
    slow.hold();
    for (let reader = 1; reader < READERS; reader++) readers.push(new Reader(server.client.url, "SELECT id FROM readings", false));
    const fast = readers.slice(1);
    const have = (rows: number) =>
      until(
        () => fast.every((reader) => reader.rows === rows),
        `${rows} rows for each reader`,
        60_000,
        () => `${Math.min(...fast.map((reader) => reader.rows))} … ${Math.max(...fast.map((reader) => reader.rows))}`,
      );
    await have(BEFORE);
    const idle = await rssBytes();

    let isOver = false;
    let peak = idle;
    const watched = (async () => {
      while (!isOver) peak = Math.max(peak, await rssBytes().finally(() => new Promise((resolve) => setTimeout(resolve, 50))));
    })();
    const peaks: number[] = [];
    for (let rows = BEFORE + AFTER; rows <= ALL; rows += AFTER) {
      await produce(rows - AFTER, rows);
      await have(rows);
      peak = Math.max(peak, await rssBytes());
      peaks.push(peak);
    }
    isOver = true;
    await watched;
    const shown = [alone, idle, ...peaks].map((bytes) => `${Math.round(bytes / MB)} MB`);
    console.log(
      `${READERS} readers: ${shown[0]} resident without, ${shown[1]} idle, ${shown.slice(2).join(", ")} after each ${READERS * AFTER} rows`,
    );

    // What the slow one did not take lies in the topic, but for what fits into sockets and one queue.
    expect(slow.rows).toBeLessThan(BEFORE + AFTER);
    const [, second = 0] = peaks;
    expect(peak - alone).toBeLessThan(READERS * READER_BYTES_MAX);
    // Measured: 22 and 37 MB. Were what a wave brings kept by each reader, it would be 150.
    expect(peak - second).toBeLessThan(0.1 * READERS * READER_BYTES_MAX);
    slow.goOn();
    await until(() => slow.rows === ALL, "the slow reader's rest", 60_000);
    expect(slow.ids).toEqual(Array.from({ length: ALL }, (_, id) => id));
  }, 180_000);
});
