import type { BoundExpr } from "../model/expression.ts";
import type { BoundItem } from "../model/statement.ts";

/** An item of SELECT as it is bound, for EXPLAIN. */
export function itemText(item: BoundItem, text: (expr: BoundExpr) => string): string {
  switch (item.kind) {
    case "column":
      return `${text(item.expr)} AS ${item.name}`;
    case "star":
      return starText("*", item.without);
    case "members":
      return starText(`${text(item.expr)}.*`, item.without);
  }
}

const starText = (star: string, without: readonly string[]): string =>
  without.length === 0 ? star : `${star} without ${without.join(", ")}`;
