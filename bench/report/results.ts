import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PATHS } from "../paths.ts";
import type { TableName } from "../run.ts";
import type { SessionFile } from "../session.ts";
import { plot } from "./plot.ts";
import { type Named, type Summary, summarize } from "./summary.ts";
import { costsText, grouped, rateTable, sharingText, startTable } from "./table.ts";

/** A line of a table. */
export interface Line extends Named {
  readonly table: TableName | null;
}

/** Writes the tables into their documents, each with its raw figures in `bench/results`, and the plot of the first. Gives the files. */
export function writeResults(file: SessionFile, definitions: readonly Line[], tables: readonly TableName[]): readonly string[] {
  const written = tables.flatMap((table) => {
    const own = definitions.filter((line) => line.table === table);
    return writeTable(file, summarize(file.runs, own), table);
  });
  return [...new Set(written)];
}

function writeTable({ session, runs }: SessionFile, summaries: readonly Summary[], table: TableName): readonly string[] {
  mkdirSync(PATHS.results, { recursive: true });
  const name = [session.startedAt.slice(0, 10), session.commit.slice(0, 9), ...(table === "bench" ? [] : [table])].join("-");
  const results = join(PATHS.results, `${name}.json`);
  const own = runs.filter((run) => summaries.some((summary) => summary.name === run.name));
  writeFileSync(results, `${JSON.stringify({ ...session, summaries, runs: own }, null, 2)}\n`);
  const document = join(PATHS.documents, table === "nexmark" ? "nexmark.md" : "performance.md");
  const text = generatedText({ session }, summaries, basename(results), table);
  writeFileSync(document, withGenerated(readFileSync(document, "utf8"), table, text));
  if (table !== "bench") return [results, document];
  writeFileSync(PATHS.plot, plot(summaries));
  return [results, document, PATHS.plot];
}

/** Puts the text between the markers of a table. */
export function withGenerated(document: string, table: TableName, text: string): string {
  const [before, after] = [`<!-- generated: ${table} -->`, `<!-- end: ${table} -->`];
  const [begin, end] = [document.indexOf(before), document.indexOf(after)];
  if (begin < 0 || end < begin) throw new Error(`there is no ${before} … ${after} to write between`);
  return `${document.slice(0, begin + before.length)}\n\n${text}\n\n${document.slice(end)}`;
}

type OfSession = Pick<SessionFile, "session">;

export function generatedText({ session }: OfSession, summaries: readonly Summary[], resultsName: string, table: TableName): string {
  const { machine, versions, commit, isModified, startedAt, messages, rounds } = session;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `${startedAt.slice(0, 10)}, commit ${commit.slice(0, 9)}${isModified ? " with changes" : ""}: ${machine.cores} cores (${machine.cpu}),`,
    `${machine.memoryGb} GB of memory, ${machine.system}; ${used.join(", ")}. ${grouped(messages)} messages, ${rounds} ${rounds === 1 ? "round" : "rounds interleaved"};`,
    `medians. ✓: what the outputs hold was read back and compared, not just counted.`,
    `Raw figures: [${resultsName}](../bench/results/${resultsName}).`,
  ].join("\n");
  const image = table === "bench" ? "![Messages a second by workload and engine](performance.svg)" : "";
  const parts = [facts, image, rateTable(summaries), sharingText(summaries), costsText(summaries), startTable(summaries)];
  return parts.filter((part) => part !== "").join("\n\n");
}
