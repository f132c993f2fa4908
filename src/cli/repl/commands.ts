import { nearest } from "../../../grammar/nearest.ts";
import { SluiceError } from "../../errors.ts";
import { say } from "../output.ts";
import { OUTPUT_FORMATS, type OutputFormat } from "../rows-output.ts";
import { editStatement } from "./edit.ts";
import { includeFile, writeTo } from "./files.ts";
import type { RunCommand, Shell } from "./shell.ts";
import { watchStatement } from "./watch.ts";

/** What stands behind a command's name, and what it works on. */
export interface CommandCall {
  readonly argument: string;
  /** The statement that stands unfinished before the command. */
  readonly unfinished: string | null;
  readonly signal: AbortSignal;
}

export interface ReplCommand {
  /** Without its backslash. */
  readonly name: string;
  /** What it is called with a dot, as in SQLite and DuckDB. */
  readonly dot: readonly string[];
  readonly argument: string;
  readonly doc: string;
  /** Completion of the argument: as of a statement that begins so. */
  readonly completedAs?: string;
  /** Resolves with the exit code. Rejects with USAGE, and with what it does. */
  run(shell: Shell, call: CommandCall): Promise<number>;
}

/** A command that says a statement in fewer letters. */
function short(name: string, dot: readonly string[], doc: string, sql: string): ReplCommand {
  return { name, dot, argument: "", doc, run: (shell, { signal }) => execute(shell, sql, signal) };
}

export const COMMANDS: readonly ReplCommand[] = [
  { name: "?", dot: ["help"], argument: "", doc: "these commands", run: () => told(helpText()) },
  { name: "q", dot: ["exit", "quit"], argument: "", doc: "leaves, as Ctrl-D does", run: async (shell) => shell.leave() },
  {
    name: "d",
    dot: ["schema"],
    argument: "[NAME]",
    doc: "topics, streams and tables, or the columns of one",
    completedAs: "DESCRIBE ",
    run: (shell, { argument, signal }) =>
      execute(shell, argument === "" ? "SHOW TOPICS; SHOW STREAMS; SHOW TABLES;" : `DESCRIBE ${argument};`, signal),
  },
  {
    name: "d+",
    dot: [],
    argument: "NAME",
    doc: "all that is known of it",
    completedAs: "DESCRIBE ",
    run: (shell, { argument, signal }) => execute(shell, `DESCRIBE ${argument} EXTENDED;`, signal),
  },
  short("dt", ["tables"], "topics, indexes and tables", "SHOW TOPICS; SHOW TABLES;"),
  short("ds", [], "declared streams", "SHOW STREAMS;"),
  short("dp", [], "pipelines", "SHOW PIPELINES;"),
  short("dc", [], "connections", "SHOW CONNECTIONS;"),
  short("df", [], "functions", "SHOW FUNCTIONS;"),
  {
    name: "c",
    dot: ["open"],
    argument: "[URL|-]",
    doc: "goes on with a server, or (-) here; without, says where it is",
    run: async (shell, { argument }) => told(await shell.connect(argument)),
  },
  {
    name: "i",
    dot: ["read"],
    argument: "FILE",
    doc: "executes a file",
    run: (shell, { argument, signal }) => includeFile(shell, argument, signal),
  },
  {
    name: "o",
    dot: ["output"],
    argument: "[FILE]",
    doc: "writes results to a file; without one, here again",
    run: async (shell, { argument }) => told(await writeTo(shell, argument)),
  },
  {
    name: "e",
    dot: ["edit"],
    argument: "[FILE]",
    doc: "edits the last statement, or a file, in $EDITOR, and executes it",
    run: (shell, call) => editStatement(shell, call),
  },
  {
    name: "watch",
    dot: ["watch"],
    argument: "[SECONDS]",
    doc: "executes the last statement again and again, until Ctrl-C",
    run: (shell, { argument, signal }) => watchStatement(shell, argument, signal),
  },
  {
    name: "timing",
    dot: ["timer"],
    argument: "[on|off]",
    doc: "how long statements take, and rows a second",
    run: async ({ display }, { argument }) => {
      display.timing = oneOf(["on", "off"], argument, display.timing ? "off" : "on") === "on";
      return told(`Timing is ${display.timing ? "on" : "off"}.`);
    },
  },
  {
    name: "x",
    dot: ["expanded"],
    argument: "[on|off|auto]",
    doc: "a line a column; auto: where the terminal is too narrow",
    run: async ({ display }, { argument }) => {
      display.expanded = oneOf(["on", "off", "auto"], argument, display.expanded === "on" ? "off" : "on");
      return told(`Expanded display is ${display.expanded}.`);
    },
  },
  {
    name: "format",
    dot: ["mode"],
    argument: "FORMAT",
    doc: `how rows are written: ${OUTPUT_FORMATS.join(", ")}`,
    run: async ({ display }, { argument }) => {
      display.format = oneOf<OutputFormat>(OUTPUT_FORMATS, argument, display.format);
      return told(`Output format is ${display.format}.`);
    },
  },
  {
    name: "chart",
    dot: ["chart"],
    argument: "[COLUMN [BY]]",
    doc: "draws numbers: bars beside the rows, a line at the end (or one for each BY)",
    run: async ({ display }, { argument }) => {
      const [column = "", by = null] = argument.split(/\s+/);
      display.chart = column === "" ? null : { column, by };
      return told(column === "" ? "Nothing is drawn." : `${column} is drawn${by === null ? "" : `, by ${by}`}.`);
    },
  },
  {
    name: "pager",
    dot: ["pager"],
    argument: "[on|off]",
    doc: "whether long results that end go through $PAGER",
    run: async ({ display }, { argument }) => {
      const wanted = oneOf(["on", "off"], argument, display.pager === null ? "on" : "off");
      display.pager = wanted === "on" ? process.env["PAGER"] || "less" : null;
      return told(`Pager is ${wanted}.`);
    },
  },
  {
    name: "set",
    dot: ["set"],
    argument: "[NAME [VALUE]]",
    doc: "what ${NAME} stands for; without, all of them",
    run: (shell, { argument, signal }) => {
      const [name = "", ...value] = argument.split(/\s+/);
      const sql = name === "" ? "SHOW VARIABLES;" : `DEFINE ${name} = '${value.join(" ").replaceAll("'", "''")}';`;
      return execute(shell, sql, signal);
    },
  },
  {
    name: "unset",
    dot: [],
    argument: "NAME",
    doc: "${NAME} stands for nothing any more",
    run: (shell, { argument, signal }) => execute(shell, `UNDEFINE ${argument};`, signal),
  },
];

/** `\d t`. Rejects with USAGE. */
export const runCommand: RunCommand = async (shell, { text, unfinished }, signal) => {
  const [, called = "", argument = ""] = /^\\(\S*)\s*([\s\S]*?)\s*;?$/.exec(text) ?? [];
  const command = COMMANDS.find(({ name }) => name === called);
  if (command === undefined) {
    const names = COMMANDS.map(({ name }) => name);
    const meant = nearest(called, names);
    const hint = meant === null ? "\\? lists the commands" : `did you mean \\${meant}?`;
    throw new SluiceError("USAGE", `there is no command \\${called}`, { hint });
  }
  if (unfinished !== null && command.name !== "e") await say("(the statement before it has no ; and was not executed)");
  return command.run(shell, { argument, unfinished, signal });
};

async function told(text: string): Promise<number> {
  await say(text);
  return 0;
}

function execute(shell: Shell, sql: string, signal: AbortSignal): Promise<number> {
  return shell.run({ file: null, text: sql }, signal);
}

/** Rejects with USAGE what is none of them; nothing said is `otherwise`. */
function oneOf<Word extends string>(words: readonly Word[], said: string, otherwise: Word): Word {
  if (said === "") return otherwise;
  const found = words.find((word) => word === said.toLowerCase());
  if (found === undefined) throw new SluiceError("USAGE", `'${said}' is none of ${words.join(", ")}`);
  return found;
}

export function helpText(): string {
  const lines = COMMANDS.map(({ name, dot, argument, doc }) => {
    const also = dot.map((one) => `.${one}`).join(" ");
    return `  ${`\\${name} ${argument}`.padEnd(25)} ${also.padEnd(11)} ${doc}`;
  });
  return [...lines, "", KEYS].join("\n");
}

const KEYS = `Statements end with ; and may have several lines. Tab completes, ↑ and ↓ bring back statements, Ctrl-R finds them.
Ctrl-C ends what runs, or forgets what is typed; a second one at an empty prompt leaves, as Ctrl-D does.`;
