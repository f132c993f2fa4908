/** The grammar as railroad diagrams, made from the productions that the parser itself runs. */
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
  Terminal,
  type TokenType,
} from "chevrotain";
import { printDefinition, printToken, reachable } from "./ebnf.ts";
import { box, choice, loop, type Shape, sequence, skip, svgOf } from "./railroad-shapes.ts";
import { sharedParser } from "./statements.ts";

/** The pages of diagrams, and the rule each begins with: the rules below it stand on its page, unless they begin another. */
const PAGES = {
  statements: { title: "Statements", from: ["statement", "insert", "create", "columns", "options", "explain"] },
  queries: { title: "SELECT", from: ["select", "stages", "plainSelect"] },
  relations: { title: "FROM and joins", from: ["fromItem", "join"] },
  clauses: { title: "Clauses of SQL", from: ["clauses"] },
  windows: { title: "Windows", from: ["window", "grace"] },
  kcql: { title: "Clauses of KCQL", from: ["kcqlClause"] },
  expressions: { title: "Expressions", from: ["expression", "literal", "typedLiteral"] },
  names: {
    title: "Names, types and values",
    from: ["path", "rawPath", "type", "text", "alias", "columnAlias", "duration", "clauseField", "value", "row", "columnNames"],
  },
  admin: { title: "Pipelines, settings, tests", from: ["admin"] },
} as const satisfies Record<string, { readonly title: string; readonly from: readonly string[] }>;

export interface DiagramPage {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly { readonly name: string; readonly ebnf: string }[];
  readonly svg: string;
}

export function diagramPages(): readonly DiagramPage[] {
  const rules = sharedParser().getGAstProductions();
  const firsts: ReadonlySet<string> = new Set(Object.values(PAGES).flatMap(({ from }): readonly string[] => from));
  return Object.entries(PAGES).map(([name, { title, from }]) => {
    const own = from.flatMap((first) => [...reachable(rules, first, (rule) => rule === first || !firsts.has(rule))]);
    const ebnf = own.map((rule) => ({ name: rule.name, ebnf: `${rule.name} = ${printDefinition(rule.definition)};` }));
    const svg = svgOf(own.map((rule) => ({ title: rule.name, shape: track(rule.definition) })));
    return { name, title, rules: ebnf, svg };
  });
}

const track = (definition: readonly IProduction[]): Shape => sequence(definition.map(shapeOf));
const optionally = (shape: Shape): Shape => choice([skip, shape]);

function shapeOf(production: IProduction): Shape {
  if (production instanceof Terminal) return shapeOfToken(production.terminalType);
  if (production instanceof NonTerminal) return box(production.nonTerminalName, "rule");
  if (production instanceof Alternation) {
    const alternatives = production.definition as Alternative[];
    return alternatives.length === 1 ? track(alternatives[0]?.definition ?? []) : choice(alternatives.map((one) => track(one.definition)));
  }
  if (production instanceof Option) return optionally(track(production.definition));
  if (production instanceof Repetition) return optionally(loop(track(production.definition), skip));
  if (production instanceof RepetitionWithSeparator)
    return optionally(loop(track(production.definition), shapeOfToken(production.separator)));
  const between = production instanceof RepetitionMandatoryWithSeparator ? shapeOfToken(production.separator) : skip;
  return loop(track((production as RepetitionMandatory).definition), between);
}

function shapeOfToken(type: TokenType): Shape {
  const text = printToken(type);
  return text.startsWith('"') ? box(text.slice(1, -1), "word") : box(text, "token");
}
