import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PATHS } from "../paths.ts";
import type { SessionFile } from "../session.ts";
import { plot } from "./plot.ts";
import { type Named, type Summary, summarize } from "./summary.ts";
import { grouped, rateTable, sharingText, startTable } from "./table.ts";

const BEGIN = "<!-- generated: bench -->";
const END = "<!-- end: bench -->";

/** Writes `bench/results/DATE-COMMIT.json`, and the table and the plot of docs/performance.md. Gives the files. */
export function writeResults(file: SessionFile, definitions: readonly Named[]): readonly string[] {
  const { session, runs } = file;
  const summaries = summarize(runs, definitions);
  mkdirSync(PATHS.results, { recursive: true });
  const results = join(PATHS.results, `${session.startedAt.slice(0, 10)}-${session.commit.slice(0, 9)}.json`);
  writeFileSync(results, `${JSON.stringify({ ...session, summaries, runs }, null, 2)}\n`);
  writeFileSync(PATHS.plot, plot(summaries));
  const document = readFileSync(PATHS.document, "utf8");
  writeFileSync(PATHS.document, withGenerated(document, generatedText(file, summaries, basename(results))));
  return [results, PATHS.document, PATHS.plot];
}

/** Puts the text between the markers. */
export function withGenerated(document: string, text: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`there is no ${BEGIN} … ${END} to write between`);
  return `${document.slice(0, begin + BEGIN.length)}\n\n${text}\n\n${document.slice(end)}`;
}

export function generatedText({ session }: Pick<SessionFile, "session">, summaries: readonly Summary[], resultsName: string): string {
  const { machine, versions, commit, isModified, startedAt, messages, rounds } = session;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `${startedAt.slice(0, 10)}, commit ${commit.slice(0, 9)}${isModified ? " with changes" : ""}: ${machine.cores} cores (${machine.cpu}),`,
    `${machine.memoryGb} GB of memory, ${machine.system}; ${used.join(", ")}. ${grouped(messages)} messages, ${rounds} rounds interleaved;`,
    `medians. ✓: what the outputs hold was read back and compared, not just counted.`,
    `Raw figures: [${resultsName}](../bench/results/${resultsName}).`,
  ].join("\n");
  const parts = [facts, "![Messages a second by workload and engine](performance.svg)", rateTable(summaries)];
  return [...parts, sharingText(summaries), startTable(summaries)].filter((part) => part !== "").join("\n\n");
}
