import { createReadStream } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../analyze/check-text.ts";
import { statementFacts } from "../analyze/facts/statement-facts.ts";
import { hasErrors } from "../analyze/reporter.ts";
import { withVariables } from "../analyze/variables.ts";
import { linesOf } from "../client/lines.ts";
import { LIMITS } from "../limits.ts";
import { diagnosticsJson } from "../project/diagnostics-json.ts";
import { readSourceText } from "../project/source-text.ts";
import { asSluiceError } from "../runtime/as-error.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";

interface ParseOptions {
  readonly facts?: boolean;
  readonly eachLine?: boolean;
}

export function parseCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("parse", "prints what a text says and what is wrong with it; exit 1 if there is an error")
    .argument("<file>", "a file, or - for standard input")
    .option("--json", "as JSON, which is the only form")
    .option("--facts", "what the statements say instead of their syntax trees")
    .option("--each-line", "every line is a text of its own and gives a line; exit 0 whatever is wrong with them")
    .addHelpText(
      "after",
      examples(
        "sluice parse queries/temperatures/aggregate.sql",
        "echo 'SELECT a FROM t' | sluice parse --facts -",
        "sluice parse --facts --each-line statements.txt",
      ),
    );
  return defineCommand<[string], ParseOptions>(command, setExitCode, async ({ facts = false, eachLine = false }, file) => {
    const describe = facts ? describeFacts : describeTrees;
    if (eachLine) {
      const input = file === "-" ? process.stdin : createReadStream(file);
      for await (const line of linesOf(input, LIMITS.statementBytesMax)) await print(JSON.stringify(described(line, describe)));
      return 0;
    }
    const text = file === "-" ? await readAll(process.stdin) : (await readSourceText(file, LIMITS.statementBytesMax)).text;
    const result = describe(text);
    await print(JSON.stringify(result, null, 2));
    return result.diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
  });
}

/** A fault of ours in one line must not keep the lines behind it from being read. */
function described(line: string, describe: (text: string) => object): object {
  try {
    return describe(line);
  } catch (error) {
    const { code, message } = asSluiceError(error);
    return { ok: false, diagnostics: [{ severity: "error", code, message, hint: null, line: 1, column: 1 }], statements: [] };
  }
}

function describeTrees(text: string) {
  const parsed = parse(text);
  const diagnostics = diagnosticsJson({ text, diagnostics: checkText(withVariables(parsed)) });
  return { statements: parsed.statements, diagnostics, incomplete: parsed.incomplete };
}

/** A text with an error says nothing that could be relied on. The names are fixed: scripts compare with them. */
function describeFacts(text: string) {
  const parsed = withVariables(parse(text));
  const found = checkText(parsed);
  const ok = !hasErrors(found);
  const diagnostics = diagnosticsJson({ text, diagnostics: found }).map(({ severity, code, line, column, message, hint }) => {
    return { severity, code, line, column, message, hint };
  });
  return { ok, diagnostics, statements: ok ? statementFacts(parsed) : [] };
}
