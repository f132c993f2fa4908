import type { Engine } from "../run.ts";
import type { Summary } from "./summary.ts";

const WORKLOADS = ["W0", "W1", "W2", "W2-UPDATE", "W3"];
const TITLES: Readonly<Record<string, string>> = {
  W0: "W0: read only",
  W1: "W1: filter and project",
  W2: "W2: window of a minute, final results",
  "W2-UPDATE": "W2: the same, a result for every change",
  W3: "W3: one topic in, three out",
};
const COLORS: Readonly<Record<Engine, string>> = {
  sluice: "#0969da",
  consumer: "#8c959f",
  "kafka-streams": "#bf8700",
  "flink-1.20": "#cf222e",
  "flink-2.2": "#a475f9",
};

const WIDTH = 920;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 110;
const BAR_HEIGHT = 18;
const BAR_STEP = 24;
const TITLE_HEIGHT = 30;
const TOP = 12;
const BOTTOM = 28;

/** Medians as bars with a line from the lowest to the highest round; one group of bars for each workload. */
export function plot(summaries: readonly Summary[]): string {
  const groups = WORKLOADS.map((workload) => ({ workload, bars: summaries.filter((summary) => summary.workload === workload) })).filter(
    ({ bars }) => bars.length > 0,
  );
  const rateMax = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ rate }) => rate.max)));
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / rateMax;
  const parts: string[] = [];
  let y = TOP;
  for (const { workload, bars } of groups) {
    parts.push(text(12, y + 18, TITLES[workload] ?? workload, `font-weight="600"`));
    y += TITLE_HEIGHT;
    for (const bar of bars) {
      parts.push(...barParts(bar, y, scale));
      y += BAR_STEP;
    }
    y += 8;
  }
  const height = y + BOTTOM;
  parts.push(text(12, height - 12, "messages a second: median of the rounds, line from the lowest to the highest", `fill="#59636e"`));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`,
    ` font-family="system-ui, sans-serif" font-size="13" fill="#1f2328" role="img" aria-label="Messages a second by workload and engine">`,
    `\n<rect width="100%" height="100%" fill="#ffffff"/>\n${parts.join("\n")}\n</svg>\n`,
  ].join("");
}

function barParts({ name, engine, rate }: Summary, y: number, scale: number): readonly string[] {
  const x = (value: number): string => (LABEL_WIDTH + value * scale).toFixed(1);
  const middle = y + BAR_HEIGHT / 2;
  const color = COLORS[engine];
  return [
    text(LABEL_WIDTH - 8, middle + 4, name, `text-anchor="end"`),
    `<rect x="${LABEL_WIDTH}" y="${y}" width="${(rate.median * scale).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${color}"/>`,
    `<path d="M${x(rate.min)} ${middle}H${x(rate.max)}" stroke="#1f2328" stroke-width="1.5"/>`,
    text(LABEL_WIDTH + rate.max * scale + 8, middle + 4, Math.round(rate.median).toLocaleString("en-US"), ""),
  ];
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? character);
  return `<text x="${x.toFixed(1)}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${escaped}</text>`;
}
