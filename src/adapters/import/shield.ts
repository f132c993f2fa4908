import type { ForeignToken } from "./foreign-tokens.ts";

/**
 * A statement as the foreign reader gets it: quoted names, strings, and numbers that it would spoil are stood for by plain
 * ones. The reader keeps quotes in strings, rounds long numbers, cuts names at letters beyond ASCII, and what it prints escapes
 * nothing; of what stands behind the stand-ins it sees none.
 */
export interface Shielded {
  readonly text: string;
  /** What each stand-in stands for, in our own language. */
  readonly originals: ReadonlyMap<string, string>;
  /** What the stand-in for a name means. */
  readonly names: ReadonlyMap<string, string>;
  readonly strings: ReadonlyMap<string, string>;
  /** Where in the source an offset of the text lies. */
  readonly sourceOffset: (offset: number) => number;
}

/** Written without a loss by every reader. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,8})$/;
const PLAIN_WORD = /^[A-Za-z_]\w*$/;

const quoted = (mark: string, text: string): string => mark + text.replaceAll(mark, mark + mark) + mark;

export function shield(tokens: readonly ForeignToken[]): Shielded {
  const names = new Map<string, string>();
  const strings = new Map<string, string>();
  const originals = new Map<string, string>();
  const starts: { readonly at: number; readonly source: number }[] = [];
  let next = freeNumber(tokens);
  let text = "";
  let end = 0;
  const standIn = (token: ForeignToken): string => {
    const id = String(next++);
    switch (token.kind) {
      case "name":
      case "word":
        names.set(`n_${id}`, token.text);
        originals.set(`n_${id}`, quoted("`", token.text));
        return `n_${id}`;
      case "string":
        strings.set(`s_${id}`, token.text);
        originals.set(`s_${id}`, quoted("'", token.text));
        return `'s_${id}'`;
      default:
        originals.set(id, exactNumber(token.text));
        return id;
    }
  };
  for (const token of tokens) {
    if (token.kind === "comment") continue;
    if (text !== "" && token.start > end) text += " ";
    starts.push({ at: text.length, source: token.start });
    text += isPlain(token) ? token.text : standIn(token);
    end = token.end;
  }
  const sourceOffset = (offset: number): number => starts.findLast(({ at }) => at <= offset)?.source ?? tokens[0]?.start ?? 0;
  return { text, originals, names, strings, sourceOffset };
}

function isPlain({ kind, text }: ForeignToken): boolean {
  if (kind === "number") return PLAIN_NUMBER.test(text);
  return kind === "sign" || (kind === "word" && PLAIN_WORD.test(text));
}

/** Eight digits that no token has, with room for as many stand-ins as there are tokens. */
function freeNumber(tokens: readonly ForeignToken[]): number {
  const taken = tokens.flatMap(({ text }) => text.match(/\d{8,}/g) ?? []).map(Number);
  let first = 70_000_000;
  while (taken.some((number) => number >= first && number < first + tokens.length)) first += tokens.length;
  return first;
}

const exactNumber = (text: string): string => {
  if (/^0x/i.test(text)) return BigInt(text).toString();
  return text.replace(/^\./, "0.").replace(/\.(?=$|e)/i, "");
};

const STAND_IN = /'(s_\d{8,})'|`?\b(n_\d{8,})\b`?|\b(\d{8,})\b/g;

/** The stand-ins of a printed text replaced by what they stand for. */
export function unshield(text: string, { originals }: Shielded): string {
  return text.replaceAll(
    STAND_IN,
    (found, string?: string, name?: string, number?: string) => originals.get(string ?? name ?? number ?? "") ?? found,
  );
}
