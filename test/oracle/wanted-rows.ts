import { BadValue, evaluate } from "./evaluate.ts";
import { cellOf, type Entry } from "./reference-input.ts";
import { ALIASES, type ExprSpec, type JoinSpec, type SelectSpec } from "./spec.ts";

/** Of a record, whether its side of a join wants it. */
export type Wants = (entry: Entry) => boolean;

const EVERY: Wants = () => true;

/** By input: what conditions of WHERE that read this side alone say of a record, as docs/language/joins.md has it. */
export function wantedRows(
  { where, window }: Pick<SelectSpec, "where" | "window">,
  joins: readonly JoinSpec[],
  areTables: readonly boolean[],
) {
  const parts = where === null ? [] : conjunctsOf(where);
  return areTables.map((isTable, input): Wants => {
    const step = Math.max(0, input - 1);
    const staysWhole = joins.every(({ type }, index) => {
      if (index < step || type === "INNER") return true;
      return type === (index === step && input > 0 ? "RIGHT" : "LEFT");
    });
    const isBesideTable = joins[step]?.within === null;
    const isLateLater = window !== null || joins.some(({ within }) => within !== null);
    if (isTable || !staysWhole || (isBesideTable && isLateLater)) return EVERY;
    const alias = ALIASES[input];
    const own = parts.filter((part) => {
      const read = columnsIn(part);
      return read.length > 0 && read.every((of) => (of ?? "l") === alias);
    });
    return (entry) => own.every((part) => isWanted(part, entry));
  });
}

function isWanted(condition: ExprSpec, entry: Entry): boolean {
  try {
    return evaluate(condition, { column: (name) => cellOf(entry, name), group: null }) === true;
  } catch (error) {
    if (error instanceof BadValue) return true;
    throw error;
  }
}

function conjunctsOf(expr: ExprSpec): readonly ExprSpec[] {
  return expr.kind === "binary" && expr.op === "AND" ? [...conjunctsOf(expr.left), ...conjunctsOf(expr.right)] : [expr];
}

/** The relations of the columns that are read. */
function columnsIn(expr: ExprSpec): readonly (string | null)[] {
  switch (expr.kind) {
    case "column":
      return [expr.of];
    case "binary":
      return [expr.left, expr.right].flatMap(columnsIn);
    case "not":
    case "is-null":
      return columnsIn(expr.operand);
    case "in":
      return [expr.operand, ...expr.list].flatMap(columnsIn);
    case "case":
      return [expr.when, expr.then, ...(expr.otherwise === null ? [] : [expr.otherwise])].flatMap(columnsIn);
    case "call":
      return expr.args.flatMap(columnsIn);
    default:
      return [];
  }
}
