/** The grammar as text for people, made from the productions that the parser itself runs. */
import {
  Alternation,
  type Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  type RepetitionMandatory,
  RepetitionMandatoryWithSeparator,
  RepetitionWithSeparator,
  Rule,
  Terminal,
  type TokenType,
} from "chevrotain";
import { UNIT_WORDS } from "./keywords.ts";
import { LETTERS, NAME_PATTERN } from "./names.ts";
import { sharedParser } from "./statements.ts";
import { K, LEXER_TOKENS, PairsAs, Unclosed, UnknownCharacter, VOCABULARY } from "./tokens.ts";

const HEADER = `(* Generated from the parser's own rules; npm run docs writes it anew, and a test compares.
   "X" is a keyword in any case or a sign; [x] is optional; {x} any number of times; Capitals are tokens. *)

script = [statement] {";" [statement]};
`;
const LINE_LENGTH_MAX = 120;

/** The whole grammar, the start rule first, then categories of words, then tokens. */
export function printEbnf(): string {
  const rules = sharedParser().getGAstProductions();
  const ruleLines = [...reachable(rules, "statement")].map(({ name, definition }) => `${name} = ${printDefinition(definition)};`);
  const categories = VOCABULARY.filter((type) => !LEXER_TOKENS.includes(type));
  const categoryLines = categories.map((category) => `${category.name} = ${membersOf(category).map(printToken).join(" | ")};`);
  const tokenLines = LEXER_TOKENS.filter(isShown).map((type) => `${type.name} = ${TOKEN_TEXTS[type.name] ?? printPattern(type)};`);
  return `${[HEADER, ...[...ruleLines, "", ...categoryLines, "", ...tokenLines].map(fold)].join("\n")}\n`;
}

/** Rules in the order in which they are first mentioned; `isMeant` says which of them, with all that only they mention. */
export function reachable(
  rules: Readonly<Record<string, Rule>>,
  start: string,
  isMeant: (name: string) => boolean = () => true,
): Set<Rule> {
  const found = new Set<Rule>();
  const visit = (production: IProduction | undefined): void => {
    if (production instanceof NonTerminal) visit(isMeant(production.nonTerminalName) ? rules[production.nonTerminalName] : undefined);
    else if (production instanceof Rule && found.has(production)) return;
    else if (production !== undefined && !(production instanceof Terminal)) {
      if (production instanceof Rule) found.add(production);
      for (const inner of (production as Option).definition) visit(inner);
    }
  };
  visit(rules[start]);
  return found;
}

/** A rule that is one choice needs no parentheses around it. */
export function printDefinition(definition: readonly IProduction[]): string {
  const text = printSequence(definition);
  return definition.length === 1 && definition[0] instanceof Alternation ? text.slice(1, -1) : text;
}

/** Lines are broken between words. */
function fold(line: string): string {
  const lines = [""];
  for (const word of line.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + word.length >= LINE_LENGTH_MAX) lines.push(`    ${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join("\n");
}

/** Tokens that no pattern describes well. */
const TOKEN_TEXTS: Readonly<Record<string, string>> = {
  RawName: "? behind INTO, FROM, CREATE STREAM: parts with dots between them; a part is quoted, or of letters, digits and _@$/+:{}- ?",
  RawText: "? behind the word of a clause, and its =: everything up to white space, comma, parenthesis or ; ?",
  PairsOpen: '? "(" behind PROPERTIES, WITHTAG and the type of STOREAS ?',
  PairText: '? between PairsOpen and its ")": everything up to white space, comma, =, parenthesis or ; ?',
  Unit: `? ${UNIT_WORDS.join(", ")}, with or without an S ?`,
  Identifier: `? ${NAME_PATTERN.replaceAll(LETTERS, "letters")} ?`,
  LaterWord: "? a word of the wider language that is not built yet; can be a name, but no alias without AS ?",
};
const HIDDEN: ReadonlySet<TokenType> = new Set([Unclosed, UnknownCharacter, PairsAs]);
const isShown = (type: TokenType): boolean => !(type.name in K) && typeof type.PATTERN !== "string" && !HIDDEN.has(type);
const printPattern = (type: TokenType): string => `? ${(type.PATTERN as RegExp).source.replaceAll(LETTERS, "letters")} ?`;

/** Tokens directly in a category, without those that are there by a smaller one. */
function membersOf(category: TokenType): TokenType[] {
  const direct = VOCABULARY.filter((type) => type.CATEGORIES?.includes(category));
  return direct.filter((type) => !direct.some((other) => other !== type && type.CATEGORIES?.includes(other)));
}

export function printToken(type: TokenType): string {
  if (type.name in K) return `"${type.name}"`;
  return typeof type.PATTERN === "string" ? `"${type.PATTERN}"` : type.name;
}

const printSequence = (sequence: readonly IProduction[]): string => sequence.map(printProduction).join(" ");

function printProduction(production: IProduction): string {
  if (production instanceof Terminal) return printToken(production.terminalType);
  if (production instanceof NonTerminal) return production.nonTerminalName;
  if (production instanceof Alternation) {
    return `(${(production.definition as Alternative[]).map(({ definition }) => printSequence(definition)).join(" | ")})`;
  }
  if (production instanceof Option) return `[${printSequence(production.definition)}]`;
  if (production instanceof Repetition) return `{${printSequence(production.definition)}}`;
  const once = printSequence((production as RepetitionMandatory).definition);
  const separated = production instanceof RepetitionMandatoryWithSeparator || production instanceof RepetitionWithSeparator;
  const many = `${once} {${separated ? `${printToken(production.separator)} ` : ""}${once}}`;
  return production instanceof RepetitionWithSeparator ? `[${many}]` : many;
}
