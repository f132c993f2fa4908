import { Command } from "commander";
import { pipelinePath } from "../client/pipelines.ts";
import type { RestClient } from "../client/rest-client.ts";
import type { WantedRecord } from "../fleet/redrive.ts";
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
  readonly next?: string;
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
  const command = withFilter(newShowCommand(name, description)).option(
    "--after <place>",
    "those behind a place, which the page before it has told",
  );
  return defineCommand<[string], ShowOptions & Filter & { readonly after?: string }>(
    command,
    setExitCode,
    async ({ statement, code, limit, after, output, ...options }, pipeline) => {
      const query = new URLSearchParams();
      for (const [key, value] of Object.entries({ statement, code, limit, after })) if (value !== undefined) query.set(key, String(value));
      const { items, next, keptIn } = (
        await (await clientOf(options)).request<Found>("GET", `${pipelinePath(pipeline)}/deadletters?${query}`)
      ).body;
      if (output === "json") await print(JSON.stringify(items, null, 2));
      else {
        const rows = new RowsOutput(process.stdout, name === "list" ? "table" : "vertical", { expanded: "off" });
        await rows.write(items.map((letter) => JSON.stringify(name === "list" ? rowOf(letter) : letter)));
        await rows.close();
      }
      if (next !== undefined) await say(`there are more: --after ${next}`);
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
  readonly next?: string;
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
    const done = await redriveAll(await clientOf(options), `${pipelinePath(pipeline)}/deadletters/redrive`, {
      statement,
      code,
      limit,
      records,
    });
    await print(summaryOf(done));
    if (done.gone > 0) await say(`${counted(done.gone, "record")} not kept any more, neither there nor here`);
    if (done.refused > 0) {
      await say(`${counted(done.refused, "result")} refused again: sluice deadletters list ${pipeline} says why`);
    }
    for (const { why, letters } of done.unable) await say(`${counted(letters, "letter")} cannot be redriven: ${why}`);
    if (done.next !== undefined) await say("there are more for another call");
    return done.refused > 0 || done.unable.length > 0 ? 1 : 0;
  });
}

interface RedriveBody {
  readonly statement: string | undefined;
  readonly code: string | undefined;
  readonly limit: number | undefined;
  readonly records: readonly WantedRecord[] | undefined;
}

/** Call after call, until the limit or the end: the server does some thousands in each. */
async function redriveAll(client: RestClient, path: string, { limit, ...body }: RedriveBody): Promise<Redriven> {
  const unable = new Map<string, number>();
  let sum: Redriven = NOTHING;
  for (let left = limit; ; ) {
    const { next: after } = sum;
    const one = (await client.request<Redriven>("POST", path, { ...body, limit: left, after })).body;
    for (const { why, letters } of one.unable) unable.set(why, (unable.get(why) ?? 0) + letters);
    const { next, ...counts } = one;
    sum = {
      records: sum.records + counts.records,
      results: sum.results + counts.results,
      superseded: sum.superseded + counts.superseded,
      refused: sum.refused + counts.refused,
      letters: sum.letters + counts.letters,
      gone: sum.gone + counts.gone,
      unable: [...unable].map(([why, letters]) => ({ why, letters })),
      ...(next === undefined ? {} : { next }),
    };
    if (left !== undefined) left -= counts.records + counts.results + counts.superseded + counts.refused + counts.gone;
    if (next === undefined || (left !== undefined && left <= 0)) return sum;
  }
}

const NOTHING: Redriven = { records: 0, results: 0, superseded: 0, refused: 0, letters: 0, gone: 0, unable: [] };

function summaryOf({ records, results, superseded, letters }: Redriven): string {
  const parts = [
    ...(records > 0 || results + superseded === 0 ? [`${counted(records, "record")} put back`] : []),
    ...(results > 0 ? [`${counted(results, "result")} sent again`] : []),
    ...(superseded > 0 ? [`${counted(superseded, "result")} there already, or newer ones`] : []),
  ];
  return `${parts.join(", ")}, of ${counted(letters, "dead letter")}`;
}
