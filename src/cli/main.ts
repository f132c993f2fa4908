import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { asSluiceError } from "../runtime/as-error.ts";
import { checkCommand } from "./check.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { explainCommand } from "./explain.ts";
import { initCommand } from "./init.ts";
import { endWithReader, paint } from "./output.ts";
import { packageRoot } from "./package-root.ts";
import { parseCommand } from "./parse.ts";
import { Findings, printError } from "./print-error.ts";
import { produceCommand } from "./produce.ts";
import { queryCommand } from "./query.ts";
import { runCommand } from "./run.ts";

const EXIT_CODES = `
Exit codes: 0 all is well, 1 an error in a statement or in data, 2 wrong usage or configuration,
3 an outside system cannot be used, 130 interrupted. Errors are explained in docs/errors.md.
`;

/** Runs the command line; resolves with the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  endWithReader();
  let exitCode = 0;
  const program = newProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed what it has to say: help and version end with 0, everything else is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Findings) return error.exitCode;
    await printError(error);
    return asSluiceError(error).exitCode;
  }
}

function newProgram(setExitCode: (code: number) => void): Command {
  const program = new Command("sluice")
    .description("SQL over streams: one poll of a topic, incremental windows, many indexes and tables")
    .version(version(), "--version")
    .helpCommand(false)
    .addHelpText("after", EXIT_CODES);
  const commands = [
    demoCommand,
    runCommand,
    queryCommand,
    produceCommand,
    checkCommand,
    explainCommand,
    parseCommand,
    doctorCommand,
    initCommand,
  ];
  for (const command of commands) program.addCommand(command(setExitCode));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().showHelpAfterError("(--help tells more)");
    command.configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, `${paint(process.stderr, "redBright", "error USAGE")}: `)),
    });
  }
  return program;
}

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8")) as { version: string };
  return text;
}
