import { Command, CommanderError } from "commander";
import { asSluiceError } from "../runtime/as-error.ts";
import type { CommandTable } from "./command.ts";
import { endWithReader, paint } from "./output.ts";
import { packageVersion } from "./package-root.ts";
import { printError } from "./print-error.ts";

const EXIT_CODES = `
Exit codes: 0 all is well, 1 an error in a statement or in data, 2 wrong usage or configuration,
3 an outside system cannot be used, 130 interrupted. Errors are explained in docs/errors.md.
`;

/** Where 2 means that there are differences, every error is 1. */
const countsDifferences = ([command, ...options]: readonly string[]): boolean =>
  command === "drift" || (command === "plan" && options.includes("--detailed-exitcode"));

/** Loaded when they are used: the clients of the outside systems take longer to load than most commands to run. */
const COMMANDS: CommandTable = {
  demo: async () => (await import("./demo.ts")).demoCommand,
  run: async () => (await import("./run.ts")).runCommand,
  serve: async () => (await import("./serve.ts")).serveCommand,
  hash: async () => (await import("./hash.ts")).hashCommand,
  repl: async () => (await import("./repl.ts")).replCommand,
  list: async () => (await import("./list.ts")).listCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  pause: async () => (await import("./operate.ts")).pauseCommand,
  resume: async () => (await import("./operate.ts")).resumeCommand,
  restart: async () => (await import("./operate.ts")).restartCommand,
  drop: async () => (await import("./operate.ts")).dropCommand,
  replay: async () => (await import("./replay.ts")).replayCommand,
  deadletters: async () => (await import("./deadletters.ts")).deadlettersCommand,
  top: async () => (await import("./top.ts")).topCommand,
  events: async () => (await import("./events.ts")).eventsCommand,
  logs: async () => (await import("./events.ts")).logsCommand,
  query: async () => (await import("./query.ts")).queryCommand,
  produce: async () => (await import("./produce.ts")).produceCommand,
  check: async () => (await import("./check.ts")).checkCommand,
  test: async () => (await import("./test.ts")).testCommand,
  explain: async () => (await import("./explain.ts")).explainCommand,
  plan: async () => (await import("./plan.ts")).planCommand,
  apply: async () => (await import("./apply.ts")).applyCommand,
  drift: async () => (await import("./drift.ts")).driftCommand,
  adopt: async () => (await import("./adopt.ts")).adoptCommand,
  fmt: async () => (await import("./fmt.ts")).fmtCommand,
  parse: async () => (await import("./parse.ts")).parseCommand,
  complete: async () => (await import("./complete.ts")).completeCommand,
  hover: async () => (await import("./hover.ts")).hoverCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  completion: async () => (await import("./completion.ts")).completionCommand(COMMANDS),
  init: async () => (await import("./init.ts")).initCommand,
  import: async () => (await import("./import.ts")).importCommand,
};

/** Runs the command line; resolves with the exit code. */
export async function main(written: readonly string[]): Promise<number> {
  const args = withCommand(written);
  endWithReader();
  let exitCode = 0;
  const loaded = await Promise.all(neededBy(args).map((load) => load()));
  const program = newProgram(
    loaded.map((command) =>
      command((code) => {
        exitCode = code;
      }),
    ),
  );
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed what it has to say: help and version end with 0, everything else is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : countsDifferences(args) ? 1 : 2;
    await printError(error);
    return countsDifferences(args) ? 1 : asSluiceError(error).exitCode;
  }
}

/** A command line that names no command is one of the prompt. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first = "-"] = args;
  return first.startsWith("-") && !/^(-h|--help|--version)$/.test(first) ? ["repl", ...args] : args;
}

/** The command that is named; to tell of commands, all of them. */
function neededBy([first = ""]: readonly string[]): readonly (typeof COMMANDS)[string][] {
  if (first === "--version") return [];
  const named = COMMANDS[first];
  return named === undefined ? Object.values(COMMANDS) : [named];
}

function newProgram(commands: readonly Command[]): Command {
  const program = new Command("sluice")
    .description("SQL over streams: one poll of a topic, incremental windows, many indexes and tables")
    .version(packageVersion(), "--version")
    .helpCommand(false)
    .addHelpText("after", EXIT_CODES);
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) {
    command.exitOverride().showHelpAfterError("(--help tells more)");
    command.configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, `${paint(process.stderr, "redBright", "error USAGE")}: `)),
    });
  }
  return program;
}
