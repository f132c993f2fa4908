import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Topics } from "./data/data-sets.ts";
import { enrichOracle, pairsOracle, plainOracle } from "./data/join-oracles.ts";
import { charge, degrees, filterOracle, type Oracle, windowOracle } from "./data/oracle.ts";
import type { Reading, ReadingsOptions } from "./data/readings.ts";
import { type Closing, distinctOracle, everyMinuteOracle, MINUTE_MS, sessionOracle, topOracle } from "./data/window-oracles.ts";

export const WORKLOADS = [
  "w1",
  "w2",
  "w2-update",
  "w3",
  "w4-pair",
  "w4",
  "w6-tumbling",
  "w6-hopping",
  "w6-session",
  "w6-distinct",
  "w6-top",
  "w7-plain",
  "w7-enrich",
  "w7-pairs",
] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** A topic that a workload writes. */
export interface Output {
  readonly topic: string;
  /** Of the rows that are equal in their first two columns, device and window, only the last one counts. */
  readonly isUpdated: boolean;
  readonly oracle: (options: ReadingsOptions, closing?: Closing) => Oracle;
}

const FOLDER = join(import.meta.dirname, "workloads");
const PAIRS = 25;
/** W4's statements have a hundred of the 10,000 devices each. */
const DEVICES_A_STATEMENT = 100;

const all = (): boolean => true;
const filtered = (topic: string, keeps: (reading: Readonly<Reading>) => boolean, value = degrees): Output => ({
  topic,
  isUpdated: false,
  oracle: () => filterOracle(keeps, value),
});
const windowed = (topic: string, keeps: (reading: Readonly<Reading>) => boolean = all, isUpdated = false): Output => ({
  topic,
  isUpdated,
  oracle: ({ devices }) => windowOracle(devices, keeps, isUpdated),
});

const OPEN: Closing = { closesAll: false };
const written = (topic: string, oracle: Output["oracle"], isUpdated = false): readonly Output[] => [{ topic, isUpdated, oracle }];

/** The declarations of the streams, reading the topics of a data set. */
export function catalogText({ readings, joined }: Topics): string {
  const text = read("catalog").replace("topic = 'temperatures'", `topic = '${readings}'`);
  if (joined === null) return text;
  const { devices, visits } = joined;
  return (
    text + read("catalog-joins").replace("topic = 'devices'", `topic = '${devices}'`).replace("topic = 'visits'", `topic = '${visits}'`)
  );
}

export function workloadText(workload: WorkloadName): string {
  const pairs = workload === "w4" ? PAIRS : workload === "w4-pair" ? 1 : 0;
  if (pairs === 0) return read(workload);
  const pair = read("w4");
  return Array.from({ length: pairs }, (_, index) => pairText(pair, index)).join("\n");
}

export function outputsOf(workload: WorkloadName): readonly Output[] {
  switch (workload) {
    case "w1":
      return [filtered("bench_w1", ({ temperature }) => temperature > 250)];
    case "w2":
      return [windowed("bench_w2")];
    case "w2-update":
      return [windowed("bench_w2_update", all, true)];
    case "w3":
      return [
        filtered("bench_w3_hot", ({ temperature }) => temperature > 280),
        filtered("bench_w3_low_battery", ({ battery }) => battery < 20, charge),
        filtered(
          "bench_w3_humid",
          ({ humidity }) => humidity > 70,
          ({ humidity }) => humidity,
        ),
      ];
    case "w4-pair":
      return pairOutputs(1);
    case "w4":
      return pairOutputs(PAIRS);
    case "w6-tumbling":
      return written("bench_w6_tumbling", (_, closing = OPEN) => everyMinuteOracle(MINUTE_MS, closing));
    case "w6-hopping":
      return written("bench_w6_hopping", (_, closing = OPEN) => everyMinuteOracle(60 * MINUTE_MS, closing));
    case "w6-session":
      return written("bench_w6_session", (_, closing = OPEN) => sessionOracle(closing));
    case "w6-distinct":
      return written("bench_w6_distinct", (_, closing = OPEN) => distinctOracle(closing));
    case "w6-top":
      return written("bench_w6_top", topOracle, true);
    case "w7-plain":
      return written("bench_w7_plain", plainOracle);
    case "w7-enrich":
      return written("bench_w7_enrich", enrichOracle);
    case "w7-pairs":
      return written("bench_w7_pairs", pairsOracle);
  }
}

function pairText(pair: string, index: number): string {
  return pair
    .replaceAll(/_00\b/g, `_${twoDigits(index)}`)
    .replace("dev-0000%", `dev-00${twoDigits(index)}%`)
    .replace("dev-0025%", `dev-00${twoDigits(PAIRS + index)}%`);
}

function pairOutputs(pairs: number): readonly Output[] {
  const own =
    (share: number) =>
    ({ device }: Readonly<Reading>): boolean =>
      Math.floor(device / DEVICES_A_STATEMENT) === share;
  return Array.from({ length: pairs }, (_, index) => [
    filtered(`bench_w4_filter_${twoDigits(index)}`, own(index)),
    windowed(`bench_w4_window_${twoDigits(index)}`, own(PAIRS + index)),
  ]).flat();
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
const read = (name: string): string => readFileSync(join(FOLDER, `${name}.sql`), "utf8");
