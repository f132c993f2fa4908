import { writeFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import type { Diagnostic } from "../../grammar/ast.ts";
import { format } from "../../grammar/format.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { findSqlFiles, QUERIES } from "../project/pipeline-files.ts";
import { readSourceText, type SourceText } from "../project/source-text.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { fileSubject, type Subject, wholeFinding } from "./findings/finding.ts";
import { type FindingsOutput, findingsOutputOption, findingsText } from "./findings/findings-text.ts";
import { lineDiff } from "./line-diff.ts";
import { counted, print, say, write } from "./output.ts";
import { printDiagnostics, shownPath } from "./print-diagnostics.ts";

interface FormatOptions {
  readonly check?: boolean;
  readonly output: FindingsOutput;
  readonly stdin?: boolean;
}

export function fmtCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("fmt", "writes statements in the canonical form, with their comments; files with errors stay as they are")
    .argument("[path...]", "files or folders (default: queries/)")
    .option("--check", "only say what would change; exit 1 if anything would")
    .addOption(findingsOutputOption())
    .option("--stdin", "a text from standard input to standard output")
    .addHelpText(
      "after",
      examples(
        "sluice fmt",
        "sluice fmt queries/temperatures --check",
        "sluice fmt --check --output github",
        "sluice fmt --stdin < statement.sql",
      ),
    );
  return defineCommand<[string[]], FormatOptions>(command, setExitCode, async ({ check = false, stdin = false, output }, paths) => {
    if (output !== "text" && (stdin || !check)) throw new SluiceError("USAGE", "--output is for --check of files");
    if (stdin) return formatInput(await readAll(process.stdin), check);
    const files: FormattedFile[] = [];
    for (const file of await findSqlFiles(paths.length > 0 ? paths : [QUERIES])) {
      files.push(await formattedFile(file));
      if (output === "text") await takeOver(files.at(-1) as FormattedFile, check);
    }
    if (output !== "text") await write(process.stdout, findingsText(output, { command: "fmt", subjects: files.map(subjectOf) }));
    const [changed, faulty] = [files.filter(isChanged).length, files.filter(({ formatted }) => formatted === null).length];
    await say(`${counted(changed, "file")} ${check ? "would change" : "changed"}, ${faulty} with errors, of ${files.length}`);
    return faulty > 0 || (check && changed > 0) ? 1 : 0;
  });
}

/** `formatted` is null where the text has errors. */
interface FormattedFile extends SourceText {
  readonly formatted: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

const isChanged = ({ text, formatted }: FormattedFile): boolean => formatted !== null && formatted !== text;

async function formatInput(text: string, check: boolean): Promise<number> {
  const formatted = format(text);
  await printDiagnostics(process.stderr, { file: "<stdin>", text, diagnostics: formatted.diagnostics });
  if (formatted.text === null) return 1;
  if (!check) await write(process.stdout, formatted.text);
  return check && formatted.text !== text ? 1 : 0;
}

async function formattedFile(file: string): Promise<FormattedFile> {
  const source = await readSourceText(file, LIMITS.statementBytesMax);
  const { text: formatted, diagnostics } = format(source.text);
  return { ...source, formatted, diagnostics };
}

/** Writes the file, or says what would change. */
async function takeOver(file: FormattedFile, check: boolean): Promise<void> {
  const { text, formatted } = file;
  if (formatted === null) await printDiagnostics(process.stderr, file);
  if (formatted === null || formatted === text) return;
  await print(shownPath(file.file));
  if (check) for (const line of lineDiff(text, formatted)) await print(`  ${line}`);
  else await writeFile(file.file, formatted);
}

function subjectOf(file: FormattedFile): Subject {
  const { text, formatted } = file;
  const subject = fileSubject(formatted === null ? file : { ...file, diagnostics: [] });
  if (formatted === null || formatted === text) return subject;
  const differences = lineDiff(text, formatted);
  const line = Number(/^@ (\d+)$/.exec(differences[0] ?? "")?.[1] ?? 1);
  const message = ["is not in the canonical form", ...differences].join("\n");
  const finding = { severity: "error", code: "FORMAT", message, hint: `sluice fmt ${subject.name}` } as const;
  return { ...subject, findings: [{ ...wholeFinding(subject.name, finding), line, column: 1 }] };
}
