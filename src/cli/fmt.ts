import { writeFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { format } from "../../grammar/format.ts";
import { LIMITS } from "../limits.ts";
import { findSqlFiles, QUERIES } from "../project/pipeline-files.ts";
import { readSourceText } from "../project/source-text.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { lineDiff } from "./line-diff.ts";
import { counted, print, say, write } from "./output.ts";
import { printDiagnostics, shownPath } from "./print-diagnostics.ts";

interface FormatOptions {
  readonly check?: boolean;
  readonly stdin?: boolean;
}

export function fmtCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("fmt", "writes statements in the canonical form, with their comments; files with errors stay as they are")
    .argument("[path...]", "files or folders (default: queries/)")
    .option("--check", "only say what would change; exit 1 if anything would")
    .option("--stdin", "a text from standard input to standard output")
    .addHelpText("after", examples("sluice fmt", "sluice fmt queries/temperatures --check", "sluice fmt --stdin < statement.sql"));
  return defineCommand<[string[]], FormatOptions>(command, setExitCode, async ({ check = false, stdin = false }, paths) => {
    if (stdin) return formatInput(await readAll(process.stdin), check);
    const outcomes: Outcome[] = [];
    for (const file of await findSqlFiles(paths.length > 0 ? paths : [QUERIES])) outcomes.push(await formatFile(file, check));
    const [changed, faulty] = (["changed", "faulty"] as const).map((kind) => outcomes.filter((one) => one === kind).length) as [
      number,
      number,
    ];
    await say(`${counted(changed, "file")} ${check ? "would change" : "changed"}, ${faulty} with errors, of ${outcomes.length}`);
    return faulty > 0 || (check && changed > 0) ? 1 : 0;
  });
}

type Outcome = "same" | "changed" | "faulty";

async function formatInput(text: string, check: boolean): Promise<number> {
  const formatted = format(text);
  await printDiagnostics(process.stderr, { file: "<stdin>", text, diagnostics: formatted.diagnostics });
  if (formatted.text === null) return 1;
  if (!check) await write(process.stdout, formatted.text);
  return check && formatted.text !== text ? 1 : 0;
}

async function formatFile(file: string, check: boolean): Promise<Outcome> {
  const { text } = await readSourceText(file, LIMITS.statementBytesMax);
  const formatted = format(text);
  if (formatted.text === null) {
    await printDiagnostics(process.stderr, { file, text, diagnostics: formatted.diagnostics });
    return "faulty";
  }
  if (formatted.text === text) return "same";
  await print(shownPath(file));
  if (check) for (const line of lineDiff(text, formatted.text)) await print(`  ${line}`);
  else await writeFile(file, formatted.text);
  return "changed";
}
