import { text as readAll } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import { LIMITS } from "../limits.ts";
import { readSourceText } from "../project/source-text.ts";
import { defineCommand, examples, newCommand, type SetExitCode } from "./command.ts";
import { say } from "./output.ts";
import { withResultOptions } from "./query.ts";
import { type OpenShellOptions, openShell } from "./repl/open-shell.ts";
import { Prompt } from "./repl/prompt.ts";
import { runScripts } from "./repl/run-scripts.ts";
import type { Script } from "./repl/shell.ts";
import { withServerOptions } from "./server-command.ts";

type ReadScript = () => Promise<Script>;

interface ReplOptions extends OpenShellOptions {
  readonly command?: readonly ReadScript[];
  readonly file?: readonly ReadScript[];
}

/** `sluice` alone is this command. */
export function replCommand(setExitCode: SetExitCode): Command {
  // In the order of the command line, whichever option they come by.
  const scripts: ReadScript[] = [];
  const collect = (read: (said: string) => Promise<Script>) => (said: string) => {
    scripts.push(() => read(said));
    return scripts;
  };
  const command = withServerOptions(
    withResultOptions(newCommand("repl", "a prompt for statements, here or on a server; in a pipe, executes what comes"))
      .option(
        "-c, --command <sql>",
        "execute this, and end; several times, with -f too",
        collect(async (text) => ({ file: "command", text })),
      )
      .option("-f, --file <file>", "execute a file (- for standard input), and end", collect(readScript)),
    null,
  ).addHelpText(
    "after",
    examples(
      "sluice repl --from earliest        (sluice alone is the same command)",
      "sluice repl --server http://localhost:8080",
      `sluice repl -c "\\d" -f statements.sql`,
      `echo "SELECT * FROM temperatures LIMIT 5" | sluice repl -o csv --from earliest`,
    ),
  );
  return defineCommand<[], ReplOptions>(command, setExitCode, async (options) => {
    if (scripts.length === 0 && process.stdin.isTTY && process.stdout.isTTY) {
      return await prompt(options);
    }
    if (scripts.length === 0 && process.stdin.isTTY) await say("Statements are read to Ctrl-D.");
    const read = scripts.length === 0 ? [() => readScript("-")] : scripts;
    return runScripts(await openShell(options, false), await Promise.all(read.map((one) => one())));
  });
}

/** How long connections may take to close for a person who leaves. */
const CLOSE_MS = 2_000;

async function prompt(options: OpenShellOptions): Promise<number> {
  const shell = await openShell(options, true);
  const code = await Prompt.run(shell);
  await Promise.race([shell.close(), wait(CLOSE_MS)]);
  // Statements that were given up may wait for somebody yet.
  process.exit(code);
}

async function readScript(file: string): Promise<Script> {
  return file === "-" ? { file: "stdin", text: await readAll(process.stdin) } : readSourceText(file, LIMITS.statementBytesMax);
}
