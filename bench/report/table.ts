import type { Summary } from "./summary.ts";

const HEAD = [
  "run",
  "rounds",
  "thousand messages/s: min / **median** / max",
  "Sluice is faster by",
  "second half",
  "CPU µs a message",
  "from the first records",
  "peak RSS, MB",
  "broker CPU, s",
  "read, MB",
  "results",
  "other cores",
];

/** Workloads that are not compared with the first line of theirs. */
const START = "start";

/** The lines of all workloads in their order, as a Markdown table. */
export function rateTable(summaries: readonly Summary[]): string {
  const measured = summaries.filter(({ workload }) => workload !== START);
  if (measured.length === 0) return "";
  return table(
    HEAD,
    measured.map((summary) => rateRow(summary, referenceOf(summary, measured))),
  );
}

/** How long it takes to the first result. */
export function startTable(summaries: readonly Summary[]): string {
  const starts = summaries.filter(({ workload }) => workload === START);
  if (starts.length === 0) return "";
  return table(
    ["from the start of the process to the first result", "rounds", "seconds: min / **median** / max"],
    starts.map(({ name, rounds, seconds }) => [
      name,
      String(rounds),
      `${seconds.min.toFixed(2)} / **${seconds.median.toFixed(2)}** / ${seconds.max.toFixed(2)}`,
    ]),
  );
}

/** What 50 statements on one topic cost beside 2, or "". */
export function sharingText(summaries: readonly Summary[]): string {
  const pair = summaries.find(({ name }) => name === "sluice W4-pair");
  const all = summaries.find(({ name }) => name === "sluice W4");
  if (pair === undefined || all === undefined) return "";
  const megabytes =
    all.peakRssMb === null || pair.peakRssMb === null ? "not measured" : `${((all.peakRssMb - pair.peakRssMb) / 48).toFixed(2)} MB`;
  return [
    "W4: the 50 statements beside a filter and a window of the same kind:",
    `time ${times(all.seconds.median, pair.seconds.median)}, CPU ${times(all.cpuSeconds, pair.cpuSeconds)},`,
    `bytes read ${times(all.megabytesIn, pair.megabytesIn)}, memory for each more ${megabytes}.`,
  ].join(" ");
}

/** What windows and joins cost a message, each beside its simplest form; "" where that was not measured. */
export function costsText(summaries: readonly Summary[]): string {
  const find = (name: string): Summary | undefined => summaries.find((summary) => summary.name === `sluice cost-${name}`);
  const sentences = COSTS.flatMap(([name, simplest, text]) => {
    const [costly, base] = [find(name), find(simplest)];
    if (costly === undefined || base === undefined) return [];
    const seconds = ({ seconds, messages }: Summary): number => seconds.median / messages;
    return [
      `${text}: CPU ${times(costly.workCpuMicrosAMessage, base.workCpuMicrosAMessage)}, time ${times(seconds(costly), seconds(base))}.`,
    ];
  });
  return sentences.length === 0 ? "" : ["What a message costs.", ...sentences].join(" ");
}

const COSTS = [
  ["hopping", "tumbling", "In an hour that begins every minute, beside each minute by itself"],
  ["session", "tumbling", "In sessions, beside the same"],
  ["enrich", "plain", "Joined with a table, beside a filter"],
] as const;

/** The Sluice line that a peer's is held against: of the same name, or of the workload that the peer runs in a way of its own. */
function referenceOf(summary: Summary, all: readonly Summary[]): Summary | null {
  if (summary.engine === "sluice") return null;
  const ofSluice = (run: string): Summary | undefined => all.find(({ name }) => name.toLowerCase() === `sluice ${run}`.toLowerCase());
  return ofSluice(summary.name.slice(summary.name.indexOf(" ") + 1)) ?? ofSluice(summary.workload) ?? null;
}

function rateRow(summary: Summary, reference: Summary | null): readonly string[] {
  const { rate, results } = summary;
  return [
    `${summary.name}${summary.isVerified ? " ✓" : ""}`,
    String(summary.rounds),
    `${thousands(rate.min)} / **${thousands(rate.median)}** / ${thousands(rate.max)}`,
    reference === null ? "" : `${(reference.rate.median / rate.median).toFixed(1)} ×`,
    summary.secondHalfRate === null ? "" : thousands(summary.secondHalfRate),
    fixed(summary.cpuMicrosAMessage, 2),
    fixed(summary.workCpuMicrosAMessage, 2),
    fixed(summary.peakRssMb, 0),
    fixed(summary.brokerCpuSeconds, 1),
    fixed(summary.megabytesIn, 0),
    results.min === results.max ? grouped(results.min) : `${grouped(results.min)}–${grouped(results.max)}`,
    fixed(summary.otherCores, 2),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, index) => (index === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

const times = (value: number | null, base: number | null): string =>
  value === null || base === null ? "not measured" : `${(value / base).toFixed(2)} ×`;
const thousands = (rate: number): string => (rate / 1000).toFixed(rate < 99_950 ? 1 : 0);
const fixed = (value: number | null, digits: number): string => (value === null ? "" : value.toFixed(digits));
export const grouped = (value: number): string => value.toLocaleString("en-US");
