import { stopBroker, wipeBroker } from "./broker.ts";
import { endLeftover } from "./child.ts";
import { DEFINITIONS } from "./definitions.ts";
import { exclusively } from "./exclusively.ts";
import { measureSession } from "./measure-session.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { writeResults } from "./report/results.ts";
import { summarize } from "./report/summary.ts";
import { costsText, rateTable, sharingText, startTable } from "./report/table.ts";
import { type RunDefinition, TABLES } from "./run.ts";
import { lastSession, type SessionFile } from "./session.ts";

const say = (line: string): void => console.log(line);

async function main(options: Options): Promise<void> {
  switch (options.action) {
    case "help":
      return say(HELP);
    case "list":
      return list();
    case "table":
      return report(lastSession(), ({ runs }, { name }) => runs.some((run) => run.name === name), "some");
    case "stop":
      return exclusively(async () => {
        endLeftover();
        say((await stopBroker()) ? "the broker has stopped" : "the broker was not running");
      });
    case "wipe":
      return exclusively(async () => {
        endLeftover();
        await wipeBroker();
        say("the broker and its data are gone");
      });
    case "measure":
    case "resume":
      return exclusively(async () => {
        const { file, isCut, failed } = await measureSession(options, say);
        report(file, ({ session }, { name }) => session.names.includes(name), "every");
        if (isCut) say("there is more to measure: npm run bench -- --resume");
        if (failed.length > 0) throw new Error(`failed, and tried again by --resume: ${failed.join(", ")}`);
      });
  }
}

function list(): void {
  for (const { name, dataSet, table } of DEFINITIONS) {
    say(`${name.padEnd(48)} ${dataSet}${table === "bench" ? "" : ", optional"}`);
  }
}

/** A selection is for whoever asked for it; what a table of the documentation shows is measured in one session. */
function report(file: SessionFile, has: (file: SessionFile, line: RunDefinition) => boolean, how: "some" | "every"): void {
  if (file.runs.length === 0) throw new Error("nothing has been measured yet");
  const summaries = summarize(file.runs, DEFINITIONS);
  for (const part of [rateTable(summaries), sharingText(summaries), costsText(summaries), startTable(summaries)])
    if (part !== "") say(`\n${part}`);
  const tables = TABLES.filter((table) => DEFINITIONS.filter((line) => line.table === table)[how]((line) => has(file, line)));
  const written = writeResults(file, DEFINITIONS, tables);
  say(written.length > 0 ? `\nwritten: ${written.join(", ")}` : "\nnot written anywhere else, being a selection (--table does it)");
}

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
