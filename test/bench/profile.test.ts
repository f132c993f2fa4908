import { describe, expect, it } from "vitest";
import { type CpuProfile, digest } from "../../bench/profile/cpu-profile.ts";
import { type Frame, stationOf } from "../../bench/profile/stations.ts";

const frame = (url: string, functionName = "f"): Frame => ({ functionName, url });
const src = (path: string): Frame => frame(`file:///checkout/src/${path}`);
const native = frame("", "writeBuffer");
const generated = frame("", "");

describe("the station of a function", () => {
  it.each([
    ["scan", [src("runtime/feeds/partition-feed.ts"), src("adapters/codecs/json/json-scanner.ts"), generated]],
    ["statement", [src("runtime/feeds/partition-feed.ts"), src("runtime/tasks/statement-task.ts"), generated]],
    ["encode", [src("runtime/tasks/statement-task.ts"), generated, src("model/byte-writer.ts")]],
    ["walk", [src("adapters/kafka/partition-reader.ts"), src("adapters/codecs/record-batch-reader.ts"), src("adapters/codecs/crc32c.ts")]],
    ["encode", [src("adapters/kafka/topic-sink.ts"), src("adapters/codecs/record-batch-writer.ts"), src("adapters/codecs/crc32c.ts")]],
    ["produce", [src("runtime/routes/route.ts"), src("adapters/kafka/platformatic/platformatic-connection.ts"), frame("node:net"), native]],
    ["fetch", [frame("(root)"), frame("node:internal/stream_base_commons"), frame("file:///n/node_modules/@platformatic/kafka/dist/x.js")]],
    ["state log", [src("runtime/tasks/statement-task.ts"), src("state/journal/journal.ts"), src("model/byte-writer.ts")]],
    ["start", [src("cli/main.ts"), frame("node:internal/modules/esm/loader")]],
    ["garbage collection", [frame("", "(root)"), frame("", "(garbage collector)")]],
    ["idle", [frame("", "(root)"), frame("", "(idle)")]],
    ["other", [frame("", "(root)"), frame("", "(program)")]],
  ])("%s", (station, stack) => {
    expect(stationOf(stack)).toBe(station);
  });
});

describe("the digest of profiles", () => {
  const node = (id: number, { functionName, url }: Frame, ...children: number[]) => ({
    id,
    callFrame: { functionName, url, lineNumber: 9 },
    children,
  });
  const profile: CpuProfile = {
    nodes: [
      node(1, frame("", "(root)"), 2, 5),
      node(2, src("adapters/codecs/json/scanner.ts"), 3, 4),
      node(3, generated),
      node(4, native),
      node(5, frame("", "(idle)")),
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [1_000_000, 2_000_000, 500_000, 4_000_000],
  };

  it("adds up the own times of functions, threads together, without what was idle", () => {
    const { busySeconds, idleSeconds, stations } = digest([profile, profile]);
    expect([busySeconds, idleSeconds]).toEqual([7, 8]);
    expect(stations.filter(({ seconds }) => seconds > 0)).toEqual([
      {
        station: "scan",
        seconds: 7,
        functions: [
          { name: "(generated code)", seconds: 4 },
          { name: "f src/adapters/codecs/json/scanner.ts:10", seconds: 2 },
          { name: "writeBuffer", seconds: 1 },
        ],
      },
    ]);
  });
});
