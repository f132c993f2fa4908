import { cursorTo, moveCursor } from "node:readline";
import type { REPLServer } from "node:repl";
import { styleText } from "node:util";
import stringWidth from "string-width";
import { type TokenStyle, tokenStyles } from "../../../grammar/token-styles.ts";

const STYLES: Readonly<Record<TokenStyle, Parameters<typeof styleText>[0]>> = {
  keyword: "blueBright",
  function: "cyan",
  string: "green",
  number: "yellow",
  variable: "magenta",
  comment: "gray",
  wrong: "redBright",
};

export function highlighted(text: string): string {
  let shown = "";
  let at = 0;
  for (const { span, style } of tokenStyles(text)) {
    shown += text.slice(at, span.start) + styleText(STYLES[style], text.slice(span.start, span.end), { validateStream: false });
    at = span.end;
  }
  return shown + text.slice(at);
}

/**
 * Draws what is typed once more, in colours, after the editor has drawn it: the same characters at the same places, with the
 * cursor left where it is. While the history is searched the screen shows something else, and is left alone.
 */
export function highlightTyping(server: REPLServer, input: NodeJS.ReadStream, output: NodeJS.WriteStream, isTyping: () => boolean): void {
  let isSearching = false;
  let isDue = false;
  const draw = (): void => {
    isDue = false;
    const { line } = server;
    if (!isTyping() || isSearching || line === "" || line.startsWith("\\") || isTall(line, server.getPrompt(), output)) return;
    const { rows } = server.getCursorPos();
    output.cork();
    output.write(SAVE);
    moveCursor(output, 0, -rows);
    cursorTo(output, 0);
    output.write(server.getPrompt() + highlighted(line).replaceAll("\n", `\n${CONTINUED}`));
    output.write(RESTORE);
    output.uncork();
  };
  input.on("keypress", (_text, key: { readonly name?: string; readonly ctrl?: boolean } | undefined) => {
    if (key?.ctrl === true && (key.name === "r" || key.name === "s")) isSearching = true;
    else if (key?.name === "return" || key?.name === "enter" || (key?.ctrl === true && key.name === "c")) isSearching = false;
    // Once for a text that is pasted.
    if (!isDue) setImmediate(draw);
    isDue = true;
  });
}

/** Its beginning may be above the screen, where nothing can be drawn. */
function isTall(line: string, prompt: string, { columns, rows }: NodeJS.WriteStream): boolean {
  const lines = line.split("\n").map((one) => Math.floor((stringWidth(one) + prompt.length) / columns) + 1);
  return lines.reduce((sum, one) => sum + one, 0) > rows;
}

const SAVE = "\u001b7";
const RESTORE = "\u001b8";
/** What the editor puts before the lines behind the first. */
const CONTINUED = "| ";
