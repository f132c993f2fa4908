/** Which of the known names fit a place of the grammar. */
import type { IToken, TokenType } from "chevrotain";
import { type ClauseName, clauseSpec } from "./clause-table.ts";
import { UNIT_WORDS } from "./keywords.ts";
import { type CompletionKind, type KnownName, type KnownNames, PSEUDO_FIELDS } from "./known-names.ts";
import { isPlainName, unquote } from "./names.ts";
import { quote } from "./print-names.ts";
import { surroundingsAt } from "./relations-at.ts";
import { Equals, isClauseName, isReserved, Member, Name, RawName, RawText, StringToken, Unit, Word } from "./tokens.ts";

export interface Place {
  readonly text: string;
  readonly offset: number;
  /** Those of the statement, before the word that is being written. */
  readonly tokens: readonly IToken[];
}

interface Fitting {
  readonly kind: CompletionKind;
  readonly known: readonly KnownName[];
}

const NOTHING: Fitting = { kind: "value", known: [] };
const bare = (name: string): KnownName => ({ name, detail: null, doc: null });
const quoted = (known: KnownName): KnownName => ({ ...known, name: quote("'", known.name) });

/** What fits a token, by the rules around it, innermost first. */
export function namesAt(type: TokenType, rules: readonly string[], place: Place, names: KnownNames): Fitting {
  const [rule = "", around = ""] = rules;
  if (type === RawName) return { kind: TARGETS.has(around) ? "target" : "relation", known: rawNames(around, place, names) };
  if (type === RawText) return { kind: "value", known: clauseWords(place).map(bare) };
  if (type === Unit || rule === "timeUnit") return { kind: "value", known: UNIT_WORDS.map((unit) => bare(`${unit}S`)) };
  if (type === StringToken && rule === "text") return settingsAt(rules, place, names);
  if (type !== Word && type !== Name) return NOTHING;
  switch (rule) {
    case "call":
      return { kind: "function", known: names.functions };
    case "path":
      if (around === "set" || around === "unset") return NOTHING;
      if (around === "describe") return { kind: "function", known: [...names.functions, ...names.connections] };
      return { kind: "field", known: fieldsAt(place, names) };
    case "clauseField":
      return { kind: "field", known: [...columnsAt(place), ...fieldsAt(place, names)] };
    case "type":
      return { kind: "value", known: names.types };
    case "streamOption":
      return { kind: "setting", known: names.options };
    default:
      return NOTHING;
  }
}

// --- topics, indexes, tables, pipelines ---------------------------------------------------------

const TARGETS: ReadonlySet<string> = new Set(["insert", "late"]);

function rawNames(rule: string, { text, offset }: Place, names: KnownNames): readonly KnownName[] {
  if (TARGETS.has(rule)) return names.targets;
  if (rule === "pipeline" || rule === "dropPipeline") return names.pipelines;
  if (rule === "create" || rule === "rawPath") return [];
  return [...surroundingsAt(text, offset).stages.map(bare), ...names.relations];
}

// --- fields -------------------------------------------------------------------------------------

const columnsAt = ({ text, offset }: Place): readonly KnownName[] => surroundingsAt(text, offset).columns.map((name) => asName(bare(name)));

/**
 * Of all relations of the SELECT, whether they stand before the place or behind it; behind a dot, of what is before it. While
 * there is no FROM, of all that could stand there.
 */
function fieldsAt(place: Place, names: KnownNames): readonly KnownName[] {
  const written = surroundingsAt(place.text, place.offset).relations;
  const relations = written.length > 0 ? written : names.relations.map(({ name }) => ({ name, alias: name }));
  const path = pathBefore(place.tokens);
  const own = path.length === 0 ? [] : relations.filter(({ alias, name }) => alias === path[0] || name === path[0]);
  const steps = own.length > 0 || path[0] === "_value" ? path.slice(1) : path;
  const fields = (own.length > 0 ? own : relations).flatMap(({ name }) => names.fieldsOf(name));
  const members = membersOf(fields, steps);
  if (path.length > 0) return members;
  const aliases = written.length > 1 ? written.map(({ alias, name }) => ({ ...bare(alias), detail: name })) : [];
  return [...members, ...aliases.map(asName), ...PSEUDO_FIELDS];
}

/** `a.b` before the dot that the place is behind. */
function pathBefore(tokens: readonly IToken[]): readonly string[] {
  const path: string[] = [];
  for (let index = tokens.length - 1; index > 0 && isMember(tokens[index]); index -= 2) {
    const { image } = tokens[index - 1] as IToken;
    path.unshift(/^[`"']/.test(image) ? unquote(image) : image);
  }
  return path;
}

const isMember = (token: IToken | undefined): boolean => token?.tokenType.CATEGORIES?.includes(Member) === true;

/** The next names below a path, each once. */
function membersOf(fields: readonly KnownName[], path: readonly string[]): readonly KnownName[] {
  const found = new Map<string, KnownName>();
  for (const field of fields) {
    const parts = field.name.split(".");
    const next = parts[path.length];
    if (next === undefined || !path.every((step, index) => parts[index]?.toLowerCase() === step.toLowerCase())) continue;
    const isLeaf = parts.length === path.length + 1;
    if (!found.has(next) || isLeaf) found.set(next, isLeaf ? { ...field, name: next } : { ...bare(next), detail: "STRUCT" });
  }
  return [...found.values()].map(asName);
}

/** As it has to be written. */
function asName(known: KnownName): KnownName {
  const plain = isPlainName(known.name) && !isReserved(known.name) && !isClauseName(known.name);
  return plain ? known : { ...known, name: quote("`", known.name) };
}

// --- settings and values of clauses -------------------------------------------------------------

/** The name of a setting, or behind its `=` what it takes. */
function settingsAt(rules: readonly string[], { tokens }: Place, names: KnownNames): Fitting {
  const [, around] = rules;
  if (around === "set" || around === "unset") return { kind: "setting", known: names.settings.map(quoted) };
  if (around !== "value" || rules[2] !== "set") return NOTHING;
  const written = tokens.slice(1, -1).map(({ image }) => (image.startsWith("'") ? unquote(image) : image));
  const setting = names.settings.find(({ name }) => name === written.join("").toLowerCase());
  return { kind: "value", known: (setting?.values ?? []).map((value) => quoted(bare(value))) };
}

/** `JSON`, `AVRO`, … behind WITHFORMAT. */
function clauseWords({ tokens }: Place): readonly string[] {
  const last = tokens.at(-1);
  const word = last?.tokenType === Equals ? tokens.at(-2) : last;
  const name = word?.image.toUpperCase() ?? "";
  return isClauseName(name) ? (clauseSpec(name as ClauseName).words ?? []) : [];
}
