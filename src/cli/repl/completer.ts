import type { Completion } from "../../../grammar/complete.ts";
import { COMMANDS } from "./commands.ts";
import type { Engine } from "./engine.ts";

/** What the editor wants: whole words, and the part of the line that they stand for. */
export type Completed = [words: string[], written: string];

/** In a longer list nobody finds a field: functions come once a letter of theirs is written. */
const LIST_MAX = 100;

/** Completes a text at its end: a command, its argument, or a statement. */
export async function completed(text: string, engine: Engine): Promise<Completed> {
  if (/^[\\.]\S*$/.test(text)) return [commandsLike(text), text];
  const [call = "", name = ""] = /^[\\.](\S+)\s+/.exec(text) ?? [];
  if (call === "" || text.includes("\n")) return words(text, engine);
  const command = COMMANDS.find((one) => one.name === name || one.dot.includes(name));
  if (command?.completedAs === undefined) return [[], text];
  return words(command.completedAs + text.slice(call.length), engine);
}

function commandsLike(text: string): string[] {
  const names = COMMANDS.flatMap(({ name, dot }) => (text.startsWith(".") ? dot.map((one) => `.${one}`) : [`\\${name}`]));
  return names.filter((name) => name.startsWith(text));
}

async function words(text: string, engine: Engine): Promise<Completed> {
  const { span, items } = await engine.complete(text, text.length);
  const written = text.slice(span.start, span.end);
  const shown = written === "" && items.length > LIST_MAX ? items.filter(({ kind }) => kind !== "function") : items;
  const [only] = shown;
  const found = [...new Set(shown.map((item) => spelled(item, written)))];
  return [only !== undefined && found.length === 1 ? [found[0] + behind(only)] : found, written];
}

/** Keywords in small letters for who writes them so. */
function spelled({ kind, label }: Completion, written: string): string {
  return kind === "keyword" && /^[a-z]/.test(written) ? label.toLowerCase() : label;
}

/** What surely comes next. */
function behind({ kind, label }: Completion): string {
  if (kind === "function") return "(";
  return kind === "keyword" || (kind === "relation" && !label.endsWith(".")) ? " " : "";
}
