import { split } from "../../../grammar/split.ts";

/** A statement with its `;`, or a command with its backslash. */
export interface Input {
  readonly kind: "statement" | "command";
  readonly text: string;
  /** Where in the whole text it begins. */
  readonly start: number;
}

export interface ReadInput {
  readonly inputs: readonly Input[];
  /** What a command line left unfinished, or the end of the text: a statement without `;`. */
  readonly unfinished: Input | null;
  /** Nothing more is needed for the last of them. */
  readonly isComplete: boolean;
}

/** A command begins a line, or stands behind a `;`, where no string and no comment is open. */
const COMMAND = /(?:^|;)[^\S\n]*(\\[^\n]*)/gm;

/** The statements and commands of a text. A command ends what stands before it without a `;`, which is not executed. */
export function readInput(text: string): ReadInput {
  const inputs: Input[] = [];
  let start = 0;
  for (const match of text.matchAll(COMMAND)) {
    const command = match[1] as string;
    const at = match.index + match[0].length - command.length;
    const before = statementsOf(text, start, at);
    if (before.isOpen) continue;
    inputs.push(...before.statements);
    if (before.rest !== null) return { inputs: [...inputs, commandOf(command, at)], unfinished: before.rest, isComplete: true };
    inputs.push(commandOf(command, at));
    start = at + command.length;
  }
  const { statements, rest, isOpen } = statementsOf(text, start, text.length);
  return { inputs: [...inputs, ...statements], unfinished: rest, isComplete: rest === null && !isOpen };
}

const commandOf = (command: string, start: number): Input => ({ kind: "command", text: command.trim(), start });

function statementsOf(text: string, from: number, to: number) {
  const { statements, rest, isOpen } = split(text.slice(from, to));
  const inputOf = (span: { readonly start: number; readonly end: number }): Input => {
    return { kind: "statement", text: text.slice(from + span.start, from + span.end), start: from + span.start };
  };
  return { statements: statements.map(inputOf), rest: rest === null ? null : inputOf(rest), isOpen };
}
