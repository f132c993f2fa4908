import type { ConnectorDraft } from "./connector-draft.ts";
import type { ConnectorProperty } from "./connector-file.ts";

/** What becomes of a property; says so in the draft's notes. */
export type Rule = (property: ConnectorProperty, draft: ConnectorDraft) => void;

/** By the property's whole name; a name that ends in `.*` stands for all that begin so. */
export type RuleTable = Readonly<Record<string, Rule>>;

/** The rule for a name: its own, or that of the longest family. */
export function ruleFor(table: RuleTable, name: string): Rule | null {
  if (Object.hasOwn(table, name)) return table[name] ?? null;
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const family = `${name.slice(0, dot)}.*`;
    if (Object.hasOwn(table, family)) return table[family] ?? null;
  }
  return null;
}

export const carried =
  (message: string): Rule =>
  (property, draft) =>
    draft.note("carried", property, message);

export const differs =
  (message: string): Rule =>
  (property, draft) =>
    draft.note("differs", property, message);

export const dropped =
  (message: string): Rule =>
  (property, draft) =>
    draft.note("dropped", property, message);

/** The rule where the property has a value; nothing is lost by an empty one. */
export const unlessEmpty =
  (rule: Rule): Rule =>
  (property, draft) =>
    property.value.trim() === "" ? draft.note("carried", property, "is empty") : rule(property, draft);

/** null: the text is no whole number of that range. */
export function wholeNumber(text: string, min = 0): number | null {
  const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) && value >= min ? value : null;
}

/** A rule for whole numbers; others are reported. */
export const whole =
  (min: number, rule: (value: number, ...rest: Parameters<Rule>) => void): Rule =>
  (property, draft) => {
    const value = wholeNumber(property.value, min);
    if (value === null) draft.note("dropped", property, `'${property.value.trim()}' is no whole number from ${min}`);
    else rule(value, property, draft);
  };

export const isTrue = (text: string | null): boolean => text?.toLowerCase() === "true";
