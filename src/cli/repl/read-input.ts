import { split } from "../../../grammar/split.ts";

/** A statement with its `;`, or a command with its backslash. */
export interface Input {
  readonly kind: "statement" | "command";
  readonly text: string;
  /** Where in the whole text it begins. */
  readonly start: number;
  /** Of a command: the statement before it that has no `;`. */
  readonly unfinished: string | null;
}

export interface ReadInput {
  readonly inputs: readonly Input[];
  /** The statement at the end that has no `;`. */
  readonly rest: Input | null;
  /** Nothing more has to come. */
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
    inputs.push(...before.statements, { kind: "command", text: command.trim(), start: at, unfinished: before.rest?.text ?? null });
    start = at + command.length;
  }
  const { statements, rest, isOpen } = statementsOf(text, start, text.length);
  return { inputs: [...inputs, ...statements], rest, isComplete: rest === null && !isOpen };
}

function statementsOf(text: string, from: number, to: number) {
  const { statements, rest, isOpen } = split(text.slice(from, to));
  const inputOf = (span: { readonly start: number; readonly end: number }): Input => {
    return { kind: "statement", text: text.slice(from + span.start, from + span.end), start: from + span.start, unfinished: null };
  };
  return { statements: statements.map(inputOf), rest: rest === null ? null : inputOf(rest), isOpen };
}
