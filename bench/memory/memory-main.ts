import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { encodeRecordBatch } from "../../src/adapters/codecs/record-batch-writer.ts";
import { must } from "../../src/assert.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { deviceId, type Reading, readingText, START_MS } from "../data/readings.ts";
import { type GroupedLoop, groupedLoop } from "../micro/grouped-loop.ts";
import { batchesOf } from "../micro/rows.ts";
import { marksOf } from "../micro/statement-loop.ts";

const HELP = `usage: npm run bench:memory -- [--keys 1000000] [--only REGEX]

What the state of open windows takes, in bytes for each key, and what is left of it when they are closed: count, average and maximum of so
many devices, each with a reading in each minute. "account" is what stateBytesMax bounds, "process" what V8 holds more than before, after
a collection. The hour of sixty panes takes some ten minutes and 5 GB for a million keys.
`;

const MINUTE_MS = 60_000;
const ROWS = 16_000;
/** Minutes after which everything is closed. */
const FAR = 1000;

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "1000000" },
    only: { type: "string", default: "." },
    help: { type: "boolean", short: "h", default: false },
  },
});

interface Shape {
  readonly name: string;
  readonly window: string;
  /** With readings: all their windows are open at the end. */
  readonly minutes: number;
  /** Records that the state holds for each key. */
  readonly records: number;
}

const SHAPES: readonly Shape[] = [
  { name: "no windows", window: "", minutes: 1, records: 1 },
  { name: "tumbling, 1 window open", window: "TUMBLING (SIZE 1 MINUTE)", minutes: 1, records: 1 },
  { name: "tumbling, 4 windows open", window: "TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 4 MINUTES)", minutes: 4, records: 4 },
  { name: "hopping, 4 panes, 7 windows open", window: "HOPPING (SIZE 4 MINUTES, ADVANCE BY 1 MINUTE)", minutes: 4, records: 4 },
  { name: "hopping, 60 panes, 119 windows open", window: "HOPPING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE)", minutes: 60, records: 60 },
  { name: "one session open", window: "SESSION (30 SECONDS, GRACE PERIOD 1 MINUTE)", minutes: 1, records: 1 },
];

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What V8 holds: objects and buffers. */
function processBytes(): number {
  for (let turn = 0; turn < 3; turn++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function* slicesOf(keys: number, minute: number): Generator<RecordSlices> {
  for (let first = 0; first < keys; first += ROWS) {
    const records = Array.from({ length: Math.min(ROWS, keys - first) }, (_, at) => recordOf(first + at, keys, minute));
    yield* batchesOf(Buffer.from(encodeRecordBatch(0, records)));
  }
}

function recordOf(device: number, keys: number, minute: number): { key: Buffer; value: Buffer; timestampMs: number } {
  const timestampMs = START_MS - (START_MS % MINUTE_MS) + minute * MINUTE_MS + Math.floor((device / keys) * MINUTE_MS);
  const reading: Reading = { device, timestampMs, temperature: 200 + (device % 100), humidity: 30 + (device % 60), battery: 50 };
  return { key: Buffer.from(deviceId(device)), value: Buffer.from(readingText(reading)), timestampMs };
}

/** The rows are let go when they have been taken. */
function take({ decode, take }: GroupedLoop, keys: number, minute: number): void {
  for (const slices of slicesOf(keys, minute)) {
    const rows = decode(slices);
    take(rows, marksOf(rows));
  }
}

/** Lets readings of one device close what is open, twice: keys stay for one window more. */
function closeBefore(loop: GroupedLoop, minute: number): void {
  take(loop, 1, minute - 2 * FAR);
  take(loop, 1, minute - FAR);
}

interface Figures {
  readonly account: number;
  readonly process: number;
}

/** More than a loop has that has closed windows before. */
function measure({ name, window, minutes, records }: Shape, keys: number): { readonly open: Figures; readonly closed: Figures } {
  const [first] = slicesOf(ROWS, 0);
  const loop = groupedLoop(window, window === "" ? "CHANGES" : "FINAL", must(first));
  if (window !== "") take(loop, ROWS, 0);
  closeBefore(loop, 3 * FAR);
  const [account, process, groups] = [loop.state.byteLength, processBytes(), loop.state.groups];
  const figures = (): Figures => ({ account: loop.state.byteLength - account, process: processBytes() - process });
  for (let minute = 0; minute < minutes; minute++) take(loop, keys, 3 * FAR + minute);
  const open = figures();
  const found = loop.state.groups;
  if (window !== "" && found !== keys * records) throw new Error(`${name}: ${found} records instead of ${keys * records}`);
  closeBefore(loop, 6 * FAR);
  if (window !== "" && loop.state.groups !== groups) throw new Error(`${name}: ${loop.state.groups} records are left`);
  return { open, closed: figures() };
}

function main(): void {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const keys = Number(values.keys);
  console.log(`${keys} keys                          bytes a key: account process      MB when closed: account process`);
  for (const shape of SHAPES.filter(({ name }) => new RegExp(values.only).test(name))) {
    const { open, closed } = measure(shape, keys);
    const columns = [
      ...[open.account, open.process].map((bytes) => (bytes / keys).toFixed(0)),
      ...[closed.account, closed.process].map((bytes) => (bytes / 1e6).toFixed(1)),
    ];
    console.log(`${shape.name.padEnd(38)}${columns.map((column) => column.padStart(12)).join("")}`);
  }
}

main();
