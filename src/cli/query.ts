import { text as readAll } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { environment } from "../project/environment.ts";
import { readSourceText } from "../project/source-text.ts";
import type { StatementEvent } from "../project/statements/context.ts";
import { StatementSession } from "../project/statements/session.ts";
import { type CommonOptions, defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { PipelineWatch } from "./pipeline-watch.ts";
import { printDiagnostics } from "./print-diagnostics.ts";
import { ResultsOutput } from "./results-output.ts";
import { OUTPUT_FORMATS, type OutputFormat } from "./rows-output.ts";

interface QueryOptions extends CommonOptions {
  readonly output?: OutputFormat;
  readonly file?: string;
  readonly untilEnd?: boolean;
  readonly from?: "earliest" | "latest";
}

export function queryCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("query", "executes statements one after the other: SELECT, SHOW, PRINT, INSERT … VALUES and others")
    .argument("[sql]", "the statements; - for standard input")
    .option("-f, --file <file>", "the statements of a file instead")
    .addOption(new Option("-o, --output <format>", "table on a terminal, else ndjson").choices([...OUTPUT_FORMATS]))
    .option("--until-end", "of a topic: from the beginning to the end that it has now")
    .addOption(
      new Option("--from <where>", "of a topic: where to begin (default: latest; with --until-end earliest)").choices([
        "earliest",
        "latest",
      ]),
    )
    .addHelpText(
      "after",
      examples(
        `sluice query "SELECT * FROM elastic.hot_homes" --output ndjson`,
        `sluice query "SELECT deviceId, temperature FROM temperatures WHERE temperature > 29 LIMIT 10" --from earliest`,
        `sluice query "SHOW TOPICS; PRINT temperatures FROM BEGINNING LIMIT 3"`,
        `sluice query --file statements.sql --until-end`,
      ),
    );
  return defineCommand<[string | undefined], QueryOptions>(command, setExitCode, query);
}

async function query(options: QueryOptions, sql: string | undefined): Promise<number> {
  const { file, text } = await statementsOf(options, sql);
  const project = await openProjectOf(options);
  const watch = new PipelineWatch();
  const session = new StatementSession({
    project,
    env: environment,
    untilEnd: options.untilEnd ?? false,
    from: options.from ?? null,
    onEvent: (event) => tell(event, watch),
  });
  const output = new ResultsOutput(options.output ?? (process.stdout.isTTY ? "table" : "ndjson"), watch);
  try {
    let executed = 0;
    for await (const one of session.run(text)) {
      await printDiagnostics(process.stderr, { file, text, diagnostics: one.diagnostics });
      if (one.result === null) return 1;
      executed++;
      const code = await output.show(one.result);
      if (code !== 0) return code;
    }
    if (executed === 0) throw new SluiceError("USAGE", "there is no statement to execute");
    return 0;
  } finally {
    await session.close();
  }
}

/** The text and what it is called in messages. */
async function statementsOf({ file }: QueryOptions, sql: string | undefined): Promise<{ readonly file: string; readonly text: string }> {
  if (file !== undefined && sql !== undefined) throw new SluiceError("USAGE", "statements come as an argument or from a file, not both");
  if (file !== undefined && file !== "-") return readSourceText(file, LIMITS.statementBytesMax);
  if (sql === undefined && file === undefined) {
    throw new SluiceError("USAGE", "there is no statement to execute", {
      hint: 'sluice query "SHOW TOPICS", or --file, or - for standard input',
    });
  }
  return sql === "-" || sql === undefined ? { file: "stdin", text: await readAll(process.stdin) } : { file: "query", text: sql };
}

/** Results go to standard output; of what happens meanwhile only what somebody must know is told. */
function tell(event: StatementEvent, watch: PipelineWatch): void {
  if (event.kind === "note") watch.line(event.text);
  else if (event.kind !== "progress" && event.kind !== "done" && event.kind !== "running") watch.take(event);
}
