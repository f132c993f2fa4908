import { text as readAll } from "node:stream/consumers";
import { type Command, Option } from "commander";
import { split } from "../../grammar/split.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { readSourceText } from "../project/source-text.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { type OpenShellOptions, openShell } from "./repl/open-shell.ts";
import { runScripts } from "./repl/run-scripts.ts";
import type { Script } from "./repl/shell.ts";
import { OUTPUT_FORMATS } from "./rows-output.ts";

interface QueryOptions extends OpenShellOptions {
  readonly file?: string;
}

export function queryCommand(setExitCode: SetExitCode): Command {
  const command = withResultOptions(
    newCommand("query", "executes statements one after the other: SELECT, SHOW, PRINT, INSERT and others")
      .argument("[sql]", "the statements; - for standard input")
      .option("-f, --file <file>", "the statements of a file instead"),
  ).addHelpText(
    "after",
    examples(
      `sluice query "SELECT * FROM elastic.hot_homes" --output ndjson`,
      `sluice query "SELECT deviceId, temperature FROM temperatures WHERE temperature > 29 LIMIT 10" --from earliest`,
      `sluice query "SHOW TOPICS; PRINT temperatures FROM BEGINNING LIMIT 3"`,
      `sluice query --file statements.sql --until-end`,
    ),
  );
  return defineCommand<[string | undefined], QueryOptions>(command, setExitCode, async (options, sql) => {
    const script = await statementsOf(options, sql);
    const { statements, rest } = split(script.text);
    if (statements.length === 0 && rest === null) throw new SluiceError("USAGE", "there is no statement to execute");
    return runScripts(await openShell(options, false), [script]);
  });
}

/** How results are read and written. */
export function withResultOptions(command: Command): Command {
  return command
    .addOption(new Option("-o, --output <format>", "table on a terminal, else ndjson").choices([...OUTPUT_FORMATS]))
    .option("--until-end", "of a topic: from the beginning to the end that it has now")
    .addOption(
      new Option("--from <where>", "of a topic: where to begin (default: latest; with --until-end earliest)").choices([
        "earliest",
        "latest",
      ]),
    )
    .option("--keep-going", "go on behind a statement that fails; the exit code is that of the first");
}

async function statementsOf({ file }: QueryOptions, sql: string | undefined): Promise<Script> {
  if (file !== undefined && sql !== undefined) throw new SluiceError("USAGE", "statements come as an argument or from a file, not both");
  if (file !== undefined && file !== "-") return readSourceText(file, LIMITS.statementBytesMax);
  if (sql === undefined && file === undefined) {
    throw new SluiceError("USAGE", "there is no statement to execute", {
      hint: 'sluice query "SHOW TOPICS", or --file, or - for standard input',
    });
  }
  return sql === "-" || sql === undefined ? { file: "stdin", text: await readAll(process.stdin) } : { file: "query", text: sql };
}
