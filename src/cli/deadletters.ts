import { Command } from "commander";
import { pipelinePath } from "../client/pipelines.ts";
import type { DeadLetter } from "../server/routes/dead-letters.ts";
import { defineCommand, examples, type SetExitCode, wholeNumber } from "./command.ts";
import { counted, print, say } from "./output.ts";
import { RowsOutput } from "./rows-output.ts";
import { clientOf, newServerCommand, newShowCommand, type ServerOptions, type ShowOptions } from "./server-command.ts";
import { readWantedRecords } from "./wanted-records.ts";

interface Filter {
  readonly statement?: string;
  readonly code?: string;
  readonly limit?: number;
}

interface Found {
  readonly items: readonly DeadLetter[];
  readonly more: boolean;
  readonly keptIn: readonly { readonly connection: string; readonly kind: string; readonly name: string }[];
}

export function deadlettersCommand(setExitCode: SetExitCode): Command {
  return new Command("deadletters")
    .description("records and results that could not be taken: looking at them, and giving them another try")
    .addCommand(listing("list", "what went wrong with which records, the latest first, and what a redrive does about it", setExitCode))
    .addCommand(listing("show", "the records themselves", setExitCode))
    .addCommand(redriveCommand(setExitCode))
    .addHelpText(
      "after",
      examples(
        "sluice deadletters list temperatures --code RECORD_TYPE",
        "sluice deadletters show temperatures --limit 1",
        "sluice deadletters redrive temperatures --statement temperatures#2",
      ),
    );
}

function withFilter(command: Command): Command {
  return command
    .argument("<pipeline>")
    .option("--statement <name>", "only of this one")
    .option("--code <code>", "only of this error (docs/errors.md)")
    .option("--limit <number>", "so many at most", wholeNumber);
}

function listing(name: "list" | "show", description: string, setExitCode: SetExitCode): Command {
  const command = withFilter(newShowCommand(name, description));
  return defineCommand<[string], ShowOptions & Filter>(
    command,
    setExitCode,
    async ({ statement, code, limit, output, ...options }, pipeline) => {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries({ statement, code, limit })) if (value !== undefined) query.set(key, String(value));
      const { items, more, keptIn } = (
        await (await clientOf(options)).request<Found>("GET", `${pipelinePath(pipeline)}/deadletters?${query}`)
      ).body;
      if (output === "json") await print(JSON.stringify(items, null, 2));
      else {
        const rows = new RowsOutput(process.stdout, name === "list" ? "table" : "vertical", { expanded: "off" });
        await rows.write(items.map((letter) => JSON.stringify(name === "list" ? rowOf(letter) : letter)));
        await rows.close();
      }
      if (more) await say("there are more: --limit shows them");
      if (keptIn.length === 0) await say(`${pipeline} keeps none: SET 'dead.letters' = 'CONNECTION.TARGET' in its text does`);
      return 0;
    },
  );
}

function rowOf({ statement, topic, partition, offset, step, code, error, attempts, at, redrivenAt, redrive }: DeadLetter) {
  const { sends, why } = redrive;
  const next = redrivenAt !== undefined ? null : sends === "nothing" ? `nothing: ${why}` : sends;
  const record = `${topic} ${partition}:${offset}`;
  return { statement, record, step, code, error, attempts, at, redriven: redrivenAt ?? null, "redrive sends": next };
}

interface Redriven {
  readonly records: number;
  readonly results: number;
  readonly superseded: number;
  readonly refused: number;
  readonly letters: number;
  readonly gone: number;
  readonly unable: readonly { readonly why: string; readonly letters: number }[];
  readonly left: number;
}

function redriveCommand(setExitCode: SetExitCode): Command {
  const command = withFilter(
    newServerCommand("redrive", "puts records back onto their topics, and sends refused results again, each once"),
  ).option(
    "--records <file>",
    "these alone, one JSON object a line: topic, partition, offset, and key or value where they are mended; - for standard input",
  );
  return defineCommand<[string], ServerOptions & Filter & { readonly records?: string }>(command, setExitCode, async (given, pipeline) => {
    const { statement, code, limit, records: file, ...options } = given;
    const records = file === undefined ? undefined : await readWantedRecords(file);
    const client = await clientOf(options);
    const body = { statement, code, limit, records };
    const done = (await client.request<Redriven>("POST", `${pipelinePath(pipeline)}/deadletters/redrive`, body)).body;
    await print(summaryOf(done));
    if (done.gone > 0) await say(`${counted(done.gone, "record")} not kept any more, neither there nor here`);
    if (done.refused > 0) {
      await say(`${counted(done.refused, "result")} refused again: sluice deadletters list ${pipeline} says why`);
    }
    for (const { why, letters } of done.unable) await say(`${counted(letters, "letter")} cannot be redriven: ${why}`);
    if (done.left > 0) await say(`${counted(done.left, "letter")} left for another call`);
    return done.refused > 0 || done.unable.length > 0 ? 1 : 0;
  });
}

function summaryOf({ records, results, superseded, letters }: Redriven): string {
  const parts = [
    ...(records > 0 || results + superseded === 0 ? [`${counted(records, "record")} put back`] : []),
    ...(results > 0 ? [`${counted(results, "result")} sent again`] : []),
    ...(superseded > 0 ? [`${counted(superseded, "result")} there already, or newer ones`] : []),
  ];
  return `${parts.join(", ")}, of ${counted(letters, "dead letter")}`;
}
