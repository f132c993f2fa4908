import type { IToken } from "chevrotain";
import { lineAndColumn } from "../../grammar/diagnostics.ts";
import { nearest } from "../../grammar/nearest.ts";
import { tokenize } from "../../grammar/tokens.ts";
import { SluiceError } from "../errors.ts";

/** What a pipeline's file says in comments for those who deploy it. */
export interface FileOptions {
  /** `-- @labels team=a, tier=gold` */
  readonly labels: Readonly<Record<string, string>>;
  /** `-- @on_change reset` or `backfill`: where statements begin whose state does not fit any more; null: that is asked every time. */
  readonly onChange: "here" | "earliest" | null;
  /** `-- @prevent_destroy`: a plan that would drop the pipeline is refused. */
  readonly isProtected: boolean;
}

const OPTION = /^(?:--|\/\*)\s*@(\w+)[ \t]*(.*?)\s*(?:\*\/)?$/s;
const ON_CHANGE: Readonly<Record<string, FileOptions["onChange"]>> = { reset: "here", backfill: "earliest" };
const WORDS = ["labels", "on_change", "prevent_destroy"];

/** Throws STATEMENT_INVALID with file and line. Other words behind an @ are somebody else's. */
export function fileOptions(text: string, file: string): FileOptions {
  let options: FileOptions = { labels: {}, onChange: null, isProtected: false };
  for (const comment of tokenize(text).comments) {
    const [, word = "", value = ""] = OPTION.exec(comment.image) ?? [];
    if (word === "labels") options = { ...options, labels: { ...options.labels, ...readLabels(value, comment) } };
    else if (word === "prevent_destroy") options = { ...options, isProtected: true };
    else if (word === "on_change") {
      const onChange = ON_CHANGE[value.toLowerCase()];
      if (onChange === undefined) fail(comment, `@on_change is reset or backfill, not '${value}'`);
      options = { ...options, onChange };
    } else if (word !== "" && word !== "name") warnOfSlip(word, comment);
  }
  return options;

  function readLabels(written: string, comment: IToken): Record<string, string> {
    const pairs = written.split(",").map((pair) => pair.trim());
    const read = pairs.map(
      (pair) => /^([\w./-]{1,63})\s*=\s*(.{0,255})$/s.exec(pair) ?? fail(comment, `@labels is name=value, …, not '${pair}'`),
    );
    return Object.fromEntries(read.map(([, name = "", value = ""]) => [name, value]));
  }

  function warnOfSlip(word: string, comment: IToken): void {
    const meant = nearest(word, WORDS);
    if (meant !== null) fail(comment, `@${word} is unknown`, `did you mean @${meant}?`);
  }

  function fail(comment: IToken, problem: string, hint?: string): never {
    const { line } = lineAndColumn(text, comment.startOffset);
    throw new SluiceError("STATEMENT_INVALID", `${file}:${line}: ${problem}`, hint === undefined ? {} : { hint });
  }
}
