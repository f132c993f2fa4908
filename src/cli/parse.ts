import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { parse } from "../../grammar/parse.ts";
import { LIMITS } from "../limits.ts";
import { readSourceText } from "../project/source-text.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { diagnosticsJson } from "./print-diagnostics.ts";

export function parseCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("parse", "prints the syntax tree and the diagnostics of a text; exit 1 if there is an error")
    .argument("<file>", "a file, or - for standard input")
    .option("--json", "as JSON, which is the only form")
    .addHelpText("after", examples("sluice parse --json queries/temperatures/aggregate.sql", "echo 'SELECT 1' | sluice parse --json -"));
  return defineCommand<[string], object>(command, setExitCode, async (_options, file) => {
    const text = file === "-" ? await readAll(process.stdin) : (await readSourceText(file, LIMITS.statementBytesMax)).text;
    const { statements, diagnostics, incomplete } = parse(text);
    await print(JSON.stringify({ statements, diagnostics: diagnosticsJson({ text, diagnostics }), incomplete }, null, 2));
    return diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
  });
}
