import { describe, expect, it } from "vitest";
import { plot } from "../../bench/report/plot.ts";
import { generatedText, withGenerated } from "../../bench/report/results.ts";
import { knownMedian, median } from "../../bench/report/statistics.ts";
import { type Named, summarize } from "../../bench/report/summary.ts";
import { costsText, rateTable, sharingText, startTable } from "../../bench/report/table.ts";
import { aRun, aSession } from "./runs.ts";

const DEFINITIONS: readonly Named[] = [
  { name: "sluice W1", engine: "sluice", workload: "W1" },
  { name: "kafka-streams W1", engine: "kafka-streams", workload: "W1" },
  { name: "flink-1.20 W1", engine: "flink-1.20", workload: "W1" },
  { name: "sluice W4-pair", engine: "sluice", workload: "W4" },
  { name: "sluice W4", engine: "sluice", workload: "W4" },
  { name: "sluice start-kafka", engine: "sluice", workload: "start" },
];

const RUNS = [
  aRun({ round: 1, seconds: 5, isVerified: true }),
  aRun({ round: 2, seconds: 4 }),
  aRun({ round: 3, seconds: 10, peakRssMb: 280 }),
  aRun({ name: "kafka-streams W1", seconds: 15, cpuSeconds: 24, secondHalfRate: 314_000 }),
  aRun({ name: "sluice W4-pair", seconds: 4, cpuSeconds: 4, peakRssMb: 200, bytesIn: 1e9, results: 60_000 }),
  aRun({ name: "sluice W4", seconds: 6, cpuSeconds: 8, peakRssMb: 248, bytesIn: 1e9, results: 1_500_000 }),
  aRun({ name: "sluice start-kafka", seconds: 1.25 }),
];

const summaries = summarize(RUNS, DEFINITIONS);

describe("medians", () => {
  it("are the middle, or the mean of the two middle ones", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
  });

  it("leave out what is not known", () => {
    expect([knownMedian([null, 2, null]), knownMedian([null])]).toEqual([2, null]);
  });
});

describe("summaries", () => {
  it("have the order of the definitions, without what was not measured", () => {
    expect(summaries.map(({ name }) => name)).toEqual([
      "sluice W1",
      "kafka-streams W1",
      "sluice W4-pair",
      "sluice W4",
      "sluice start-kafka",
    ]);
  });

  it("tell lowest, median and highest of the rounds, and the highest memory", () => {
    expect(summaries[0]).toMatchObject({
      rounds: 3,
      rate: { min: 500_000, median: 1_000_000, max: 1_250_000 },
      cpuMicrosAMessage: expect.closeTo(0.8),
      workCpuMicrosAMessage: expect.closeTo(0.7),
      peakRssMb: 280,
      isVerified: true,
    });
  });
});

describe("the tables", () => {
  it("hold a peer against Sluice's line of the same workload", () => {
    const [head, rule, ...rows] = rateTable(summaries).split("\n");
    const cells = (row: string): string[] => row.split("|").map((cell) => cell.trim());
    expect(new Set([head, rule, ...rows].map((row) => cells(row ?? "").length)).size).toBe(1);
    expect(cells(rows[0] ?? "").slice(1, 5)).toEqual(["sluice W1 ✓", "3", "500 / **1000** / 1250", ""]);
    expect(cells(rows[1] ?? "").slice(1, 8)).toEqual(["kafka-streams W1", "1", "333 / **333** / 333", "3.0 ×", "314", "4.80", "0.70"]);
    expect(rows).toHaveLength(4);
  });

  it("hold a peer against the run of its own name where a workload has several", () => {
    const line = (engine: Named["engine"], name: string): Named => ({ name: `${engine} ${name}`, engine, workload: "costs" });
    const lines = ["one", "two"].flatMap((name) => [line("sluice", name), line("flink-1.20", name)]);
    const runs = lines.map(({ name }, index) => aRun({ name, messages: 1_000_000, seconds: [1, 2, 1, 5][index] ?? 0 }));
    const times = rateTable(summarize(runs, lines)).split("\n").slice(2);
    expect(times.map((row) => row.split("|")[4]?.trim())).toEqual(["", "2.0 ×", "", "5.0 ×"]);
  });

  it("tell what 48 further statements cost", () => {
    expect(sharingText(summaries)).toContain("time 1.50 ×, CPU 2.00 ×, bytes read 1.00 ×, memory for each more 1.00 MB");
    expect(sharingText(summaries.slice(0, 2))).toBe("");
  });

  it("tell what windows and joins cost a message", () => {
    const line = (name: string): Named => ({ name: `sluice cost-${name}`, engine: "sluice", workload: "costs" });
    const runs = [
      aRun({ name: "sluice cost-tumbling", messages: 1_000_000, workCpuSeconds: 1, seconds: 2 }),
      aRun({ name: "sluice cost-hopping", messages: 2_000_000, workCpuSeconds: 5, seconds: 6 }),
    ];
    const text = costsText(summarize(runs, ["tumbling", "hopping", "enrich"].map(line)));
    expect(text).toMatch(/^What a message costs\. [^.]* beside each minute by itself: CPU 2\.50 ×, time 1\.50 ×\.$/);
    expect(costsText(summaries)).toBe("");
  });

  it("tell seconds to the first result apart", () => {
    expect(startTable(summaries)).toContain("| sluice start-kafka | 1 | 1.25 / **1.25** / 1.25 |");
  });

  it("leave empty what this system does not tell", () => {
    const unknown = { cpuSeconds: null, workCpuSeconds: null, peakRssMb: null, bytesIn: null, otherCores: null };
    const row = rateTable(summarize([aRun(unknown)], DEFINITIONS)).split("\n")[2];
    expect(row).not.toMatch(/null|NaN|undefined/);
  });
});

describe("the plot", () => {
  const image = plot(summaries);

  it("has a bar for each line of a workload, as long as its median", () => {
    const widths = [...image.matchAll(/<rect x="\d+" y="\d+" width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths).toHaveLength(2);
    expect((widths[0] ?? 0) / (widths[1] ?? 1)).toBeCloseTo(3, 1);
  });

  it("is well-formed, with balanced elements and no numbers missing", () => {
    expect(image).not.toMatch(/NaN|undefined|null/);
    expect(image.match(/<text /g)?.length).toBe(image.match(/<\/text>/g)?.length);
    expect(image.startsWith("<svg ") && image.endsWith("</svg>\n")).toBe(true);
  });
});

describe("the generated part of the document", () => {
  it("says machine, versions, date and commit", () => {
    const text = generatedText({ session: aSession() }, summaries, "x.json", "bench");
    for (const fact of ["2026-01-02", "012345678", "2 cores (A CPU)", "24 GB", "node v24.0.0", "5,000,000 messages", "x.json"]) {
      expect(text).toContain(fact);
    }
  });

  it("takes the place of what was between the markers", () => {
    const once = withGenerated("before\n<!-- generated: bench -->\nold\n<!-- end: bench -->\nafter\n", "bench", "new");
    expect(once).toBe("before\n<!-- generated: bench -->\n\nnew\n\n<!-- end: bench -->\nafter\n");
    expect(withGenerated(once, "bench", "new")).toBe(once);
    expect(() => withGenerated("nothing", "wide", "new")).toThrow(/generated: wide/);
  });
});
