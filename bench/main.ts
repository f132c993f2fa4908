import { join } from "node:path";
import { withLock } from "../test/services/launcher/lock.ts";
import { stopBroker, wipeBroker } from "./broker.ts";
import { DEFINITIONS } from "./definitions.ts";
import { measureSession } from "./measure-session.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { PATHS } from "./paths.ts";
import { writeResults } from "./report/results.ts";
import { summarize } from "./report/summary.ts";
import { rateTable, sharingText, startTable } from "./report/table.ts";
import { lastSession, type SessionFile } from "./session.ts";

const say = (line: string): void => console.log(line);

async function main(options: Options): Promise<void> {
  switch (options.action) {
    case "help":
      return say(HELP);
    case "list":
      return list();
    case "table":
      return report(lastSession());
    case "stop":
      return say((await stopBroker()) ? "the broker has stopped" : "the broker was not running");
    case "wipe":
      await wipeBroker();
      return say("the broker and its data are gone");
    case "measure":
    case "resume":
      // Two at once would measure each other.
      return withLock(join(PATHS.home, "bench.lock"), async () => {
        const { file, isCut, failed } = await measureSession(options, say);
        report(file);
        if (isCut) say("there is more to measure: npm run bench -- --resume");
        if (failed.length > 0) throw new Error(`failed, and tried again by --resume: ${failed.join(", ")}`);
      });
  }
}

function list(): void {
  for (const { name, dataSet, isOptional } of DEFINITIONS) {
    say(`${name.padEnd(48)} ${dataSet}${isOptional ? ", optional" : ""}`);
  }
}

function report(file: SessionFile): void {
  if (file.runs.length === 0) throw new Error("nothing has been measured yet");
  const summaries = summarize(file.runs, DEFINITIONS);
  for (const part of [rateTable(summaries), sharingText(summaries), startTable(summaries)]) if (part !== "") say(`\n${part}`);
  say(`\nwritten: ${writeResults(file, DEFINITIONS).join(", ")}`);
}

process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
