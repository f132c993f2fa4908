import type { Ident } from "../../grammar/ast.ts";
import { likeliest } from "../../grammar/nearest.ts";
import { type KnownRelation, originText } from "../catalog/known-columns.ts";
import { type DataType, typeName } from "../model/type.ts";
import { didYouMean, type Reporter } from "./reporter.ts";
import { columnsOf, type ResolvedSource } from "./resolve-name.ts";
import type { Scope } from "./scope.ts";

const NAMES_SHOWN_MAX = 12;

/**
 * Of a field that nobody declared, and that is not among those which are known: it may come, so this is a warning.
 * Beside other relations without declared columns it may be theirs.
 */
export function warnOfUnknownField(parts: readonly Ident[], { known, name: topic }: ResolvedSource, { relations, report }: Scope): void {
  if (known === undefined) return;
  const others = relations.filter(({ source }) => columnsOf(source) === null && source.known !== known);
  const isTheirs = others.some(({ source }) => source.known?.columns.some(({ name }) => name === parts[0]?.name) ?? true);
  if (!isTheirs) warnUnlessKnown(parts, known, topic, report);
}

function warnUnlessKnown(parts: readonly Ident[], known: KnownRelation, topic: string, report: Reporter): void {
  const { origin } = known;
  const where = `in ${origin.kind === "sampled" && origin.records > 1 ? "any of " : ""}${originText(origin, topic)}`;
  let type: DataType = { kind: "struct", fields: known.columns };
  for (const [index, part] of parts.entries()) {
    if (type.kind !== "struct") {
      warnOfScalar(parts, index, type, where, report);
      return;
    }
    const found: DataType | undefined = type.fields.find((field) => field.name === part.name)?.type;
    if (found === undefined) {
      const names = type.fields.map(({ name }) => name);
      const hint = didYouMean(likeliest(part.name, names)) ?? (names.length <= NAMES_SHOWN_MAX ? `there are ${names.join(", ")}` : null);
      const path = parts.slice(0, index + 1).map(({ name }) => name);
      report.warning("UNKNOWN_FIELD", part.span, `there is no field '${path.join(".")}' ${where}`, hint);
      return;
    }
    type = found;
  }
}

/** Fields of maps and of values of any type may have any name. */
function warnOfScalar(parts: readonly Ident[], index: number, type: DataType, where: string, report: Reporter): void {
  const part = parts[index];
  if (part === undefined || type.kind === "map" || type.kind === "any") return;
  const owner = parts.slice(0, index).map(({ name }) => name);
  const hint = type.kind === "array" ? "an element is taken by its number, [1] is the first" : null;
  report.warning(
    "UNKNOWN_FIELD",
    part.span,
    `'${owner.join(".")}' is ${typeName(type)} ${where.replace("in any of", "in")}: it has no fields`,
    hint,
  );
}
