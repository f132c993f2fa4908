import { LIMITS } from "../../limits.ts";
import type { ForeignProblem } from "./connector-file.ts";
import type { Dialect } from "./dialects.ts";
import { type ForeignToken, foreignTokens } from "./foreign-tokens.ts";
import { readInWorker } from "./read-in-worker.ts";
import { type Shielded, shield, unshield } from "./shield.ts";
import type { SqlAnswer } from "./sql-worker.ts";
import { declareStream, NoCounterpart } from "./stream-declaration.ts";

/** A foreign statement in the text of our own language, still to be parsed. */
export interface ImportedStatement {
  readonly text: string;
  /** Where it was written. */
  readonly start: number;
  readonly end: number;
  /** Names for the columns of its SELECT: `INSERT INTO name (a, b)`; empty: none are given. */
  readonly columns: readonly string[];
  /** Lines of the comments before it, as they were written but for the marks. */
  readonly comments: readonly string[];
  /** What it does not say any more. */
  readonly notes: readonly string[];
}

export interface ImportedSql {
  readonly statements: readonly ImportedStatement[];
  readonly problems: readonly ForeignProblem[];
  readonly warnings: readonly ForeignProblem[];
}

/** A statement, and what stood before its SELECT and was taken off. */
interface Piece {
  readonly tokens: readonly ForeignToken[];
  readonly comments: readonly string[];
  readonly shielded: Shielded;
  /** `INSERT INTO name`; empty: the reader has read it. */
  readonly head: string;
  readonly columns: readonly string[];
}

/** Foreign statements to our own text. Reports as much as it can at once; where there is a problem its statement is left out. */
export async function importSql(text: string, dialect: Dialect): Promise<ImportedSql> {
  const { tokens, problems: broken } = foreignTokens(text, dialect);
  if (broken.length > 0) return { statements: [], problems: broken, warnings: [] };
  const problems: ForeignProblem[] = [];
  const pieces = split(tokens).flatMap((piece) => {
    const found = refused(piece, dialect);
    problems.push(...found);
    return found.length > 0 ? [] : [toPiece(piece)];
  });
  const answers = await readInWorker({ dialect: dialect.name, texts: pieces.map(({ shielded }) => shielded.text) });
  const statements = pieces.flatMap((piece, index) => {
    const result = toStatement(piece, answers[index] as SqlAnswer, dialect);
    if ("text" in result) return [result];
    problems.push(result);
    return [];
  });
  problems.sort((a, b) => a.start - b.start);
  return { statements, problems, warnings: pieces.flatMap((piece) => differences(piece, dialect)) };
}

function split(tokens: readonly ForeignToken[]): ForeignToken[][] {
  const pieces: ForeignToken[][] = [[]];
  for (const token of tokens) {
    if (token.kind === "sign" && token.text === ";") pieces.push([]);
    else pieces.at(-1)?.push(token);
  }
  return pieces.filter((piece) => piece.some(({ kind }) => kind !== "comment"));
}

const isWord = (token: ForeignToken | undefined, ...words: readonly string[]): boolean =>
  token?.kind === "word" && words.includes(token.text.toUpperCase());

const problemAt = ({ start, end }: Pick<ForeignToken, "start" | "end">, message: string, hint: string | null = null): ForeignProblem => ({
  message,
  hint,
  start,
  end,
});

/** What is not even given to the reader. */
function refused(piece: readonly ForeignToken[], dialect: Dialect): readonly ForeignProblem[] {
  const code = piece.filter(({ kind }) => kind !== "comment");
  const [first] = code;
  if (first === undefined) return [];
  if (!isWord(first, "SELECT", "WITH", "INSERT", "CREATE") && first.text !== "(") {
    return [
      problemAt(
        first,
        `${first.text.toUpperCase()} statements are not imported`,
        "SELECT, INSERT … SELECT, CREATE TABLE and CREATE VIEW are",
      ),
    ];
  }
  let depth = 0;
  for (const token of code) {
    if (token.text === "(" || isWord(token, "CASE")) depth++;
    if (token.text === ")" || isWord(token, "END")) depth--;
    if (depth > LIMITS.foreignNestingMax) {
      const hint = "its reader would need minutes; write it in our own language, which takes 100 levels";
      return [problemAt(token, `nested more than ${LIMITS.foreignNestingMax} levels deep`, hint)];
    }
  }
  const or = dialect.concatIsOr ? code.find(({ kind, text }) => kind === "sign" && text === "||") : undefined;
  return or === undefined ? [] : [problemAt(or, `|| is OR in ${dialect.name}, and joins texts here`, "write OR, or CONCAT(…)")];
}

function toPiece(piece: readonly ForeignToken[]): Piece {
  const firstCode = piece.findIndex(({ kind }) => kind !== "comment");
  const code = piece.filter(({ kind }) => kind !== "comment");
  const comments = piece.slice(0, firstCode).flatMap(({ text }) => commentLines(text));
  const { rest, ...head } = cutHead(code);
  return { tokens: code, comments, shielded: shield(rest), ...head };
}

/** `-- text`, `# text`, `/* text *​/` without their marks. */
function commentLines(text: string): readonly string[] {
  const inside = text.startsWith("/*") ? text.slice(2, -2) : text.replace(/^(--|#)/, "");
  const lines = inside.split(/\r?\n/).map((line) => line.replace(/^\s*\*(?!\*)/, "").trim());
  return lines.filter((line) => line !== "");
}

interface Head {
  readonly head: string;
  readonly columns: readonly string[];
  readonly rest: readonly ForeignToken[];
}

/**
 * `CREATE VIEW name (columns) AS` before a SELECT makes it an INSERT INTO name, as `INSERT INTO name (columns)` does: not every
 * dialect's reader knows views, and our INSERT takes the names of columns from the SELECT.
 */
function cutHead(code: readonly ForeignToken[]): Head {
  const whole = { head: "", columns: [], rest: code };
  const select = code.findIndex((token) => isWord(token, "SELECT", "WITH"));
  const before = isWord(code[0], "CREATE") ? ["VIEW", "TABLE"] : isWord(code[0], "INSERT") ? ["INTO"] : [];
  const word = code.findIndex((token) => isWord(token, ...before));
  const end = isWord(code[0], "CREATE") ? select - 1 : select;
  if (word < 0 || word > 4 || end <= word || (end !== select && !isWord(code[end], "AS"))) return whole;
  const name = code.slice(word + 1, end).filter((token) => !isWord(token, "IF", "NOT", "EXISTS"));
  const open = name.findIndex(({ text }) => text === "(");
  const path = listOf(open < 0 ? name : name.slice(0, open), ".");
  const columns = open < 0 ? [] : listOf(name.slice(open + 1, -1), ",");
  if (path === null || columns === null || (open >= 0 && name.at(-1)?.text !== ")")) return whole;
  return { head: `INSERT INTO ${path.map((part) => `\`${part.replaceAll("`", "``")}\``).join(".")} `, columns, rest: code.slice(select) };
}

/** Names with signs between them; null: something else. */
function listOf(tokens: readonly ForeignToken[], separator: string): readonly string[] | null {
  const fits = tokens.every(({ kind, text }, index) => (index % 2 === 0 ? kind === "word" || kind === "name" : text === separator));
  return fits && tokens.length % 2 === 1 ? tokens.filter((_, index) => index % 2 === 0).map(({ text }) => text) : null;
}

/** Types of two words that are one here; strings and quoted names are still stand-ins. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/\bDOUBLE PRECISION\b/gi, "DOUBLE"],
  [/\bCHARACTER VARYING\b/gi, "VARCHAR"],
];

const ownSpelling = (text: string): string => SPELLINGS.reduce((spelt, [theirs, ours]) => spelt.replaceAll(theirs, ours), text);

function toStatement(piece: Piece, answer: SqlAnswer, dialect: Dialect): ImportedStatement | ForeignProblem {
  const { shielded, comments, head, columns } = piece;
  const whole = { start: piece.tokens[0]?.start ?? 0, end: piece.tokens.at(-1)?.end ?? 0 };
  if (answer.kind === "error") return readerProblem(piece, answer, dialect);
  if (answer.kind === "text") {
    const lost = difference(shielded.text, answer.text);
    if (lost === null) return { ...whole, text: head + unshield(ownSpelling(answer.text), shielded), columns, comments, notes: [] };
    const start = shielded.sourceOffset(lost);
    const token = piece.tokens.find((one) => one.start === start) ?? { ...whole, text: "" };
    return problemAt(token, `the reader for ${dialect.name} loses or changes what stands here`, "write this part in another way");
  }
  try {
    const { text, notes } = declareStream(answer.table, dialect.name, shielded);
    return { ...whole, text, columns, comments, notes };
  } catch (error) {
    if (error instanceof NoCounterpart) return problemAt(whole, error.message, "leave the column out, or give it another type");
    throw error;
  }
}

/** The reader's own words are lists of hundreds of characters that could stand there; its place is often one token late. */
function readerProblem({ shielded, tokens }: Piece, answer: Extract<SqlAnswer, { kind: "error" }>, dialect: Dialect): ForeignProblem {
  const whole = { start: tokens[0]?.start ?? 0, end: tokens.at(-1)?.end ?? 0 };
  if (answer.offset === null) return problemAt(whole, `the reader for ${dialect.name} gives up: ${answer.message}`);
  if (answer.offset >= shielded.text.trimEnd().length) {
    return problemAt({ start: whole.end, end: whole.end }, `in ${dialect.name} more is expected, but the statement ends`);
  }
  const start = shielded.sourceOffset(answer.offset);
  const token = tokens.find((one) => one.start === start) ?? { ...whole, text: "" };
  return problemAt(
    token,
    `not understood as ${dialect.name} at or shortly before this`,
    "--dialect names another one; words that are keywords need quotes",
  );
}

/**
 * The reader's trees are wrong in places and its printer leaves things out. What it printed must be what it was given: the same
 * words, signs, strings and numbers in the same order; only words such as AS may be added, and quotes around names.
 * The offset of the first that is not; null: it is the same.
 */
function difference(given: string, printed: string): number | null {
  const before = significant(given);
  const after = significant(printed);
  const at = before.findIndex(({ text }, index) => text !== after[index]?.text);
  if (at >= 0) return before[at]?.offset ?? 0;
  return after.length > before.length ? (before.at(-1)?.offset ?? 0) : null;
}

/** Words that the printer adds or leaves out, and that change nothing. */
const OPTIONAL: ReadonlySet<string> = new Set(["AS", "INNER", "OUTER", "ASC"]);

/** Names in back-ticks, strings of stand-ins, words, numbers, single signs. */
const SIGNIFICANT = /`([^`]*)`|('[^']*')|(\w+|\S)/g;

function significant(text: string): { readonly text: string; readonly offset: number }[] {
  return [...text.matchAll(SIGNIFICANT)].flatMap((match) => {
    const word = (match[1] ?? match[2] ?? match[3] ?? "").toUpperCase();
    return match[1] === undefined && OPTIONAL.has(word) ? [] : [{ text: word, offset: match.index }];
  });
}

/** What is read without an error and means something else here. */
function differences({ tokens }: Piece, dialect: Dialect): readonly ForeignProblem[] {
  return tokens.flatMap((token, index) => {
    if (dialect.wholeDivision && token.kind === "sign" && token.text === "/") {
      return [problemAt(token, `in ${dialect.name} / of integers gives an integer, here a fraction`, "FLOOR(a / b), where it matters")];
    }
    const pattern = tokens[index + 1];
    if (isWord(token, "LIKE", "ILIKE") && pattern?.kind === "string" && pattern.text.includes("\\")) {
      return [problemAt(pattern, "a backslash escapes nothing here unless ESCAPE says so", "LIKE 'a\\_b' ESCAPE '\\'")];
    }
    return [];
  });
}
