/** `CREATE TABLE` of a foreign dialect, as plain data; names and texts are still stand-ins. */
export interface ForeignTable {
  readonly path: readonly string[];
  readonly columns: readonly ForeignColumn[];
  readonly primaryKey: readonly string[];
  /** `WITH ('connector' = 'kafka')` */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  /** Parts that say nothing of a stream: indexes, checks, defaults. */
  readonly leftOut: readonly string[];
}

export interface ForeignColumn {
  readonly name: string;
  readonly type: ForeignType;
}

export interface ForeignType {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly unsigned: boolean;
  /** `text[][]` has two. */
  readonly arrays: number;
  /** Of ARRAY and STRUCT; the name is null for elements. */
  readonly members: readonly { readonly name: string | null; readonly type: ForeignType }[];
}

/** Members of node-sql-parser's trees as far as they are used here; its own types are mostly `any`. */
type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;
const member = (tree: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (isTree(inner) ? inner[key] : undefined), tree);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** null: the tree is no CREATE TABLE with columns. */
export function readTable(tree: unknown): ForeignTable | null {
  const definitions = list(member(tree, "create_definitions"));
  if (member(tree, "type") !== "create" || member(tree, "keyword") !== "table" || definitions.length === 0) return null;
  const named = member(tree, "table", 0);
  const columns = definitions.filter((one) => member(one, "resource") === "column");
  const primary = definitions.find((one) => /primary key/i.test(text(member(one, "constraint_type"))));
  const own = columns.filter((one) => /primary/i.test(text(member(one, "primary_key")) + text(member(one, "primary")))).map(columnName);
  const others = definitions.filter((one) => member(one, "resource") !== "column" && one !== primary);
  return {
    path: ["db", "schema", "table"].map((key) => text(member(named, key))).filter((part) => part !== ""),
    columns: columns.map((one) => ({ name: columnName(one), type: readType(member(one, "definition")) })),
    primaryKey: primary === undefined ? own : list(member(primary, "definition")).map((one) => nameOf(member(one, "column") ?? one)),
    options: list(member(tree, "with")).map((one) => ({
      name: text(member(one, "keyword", "value")),
      value: text(member(one, "value", "value")),
    })),
    leftOut: others.map((one) => text(member(one, "constraint_type")) || text(member(one, "resource"))),
  };
}

const columnName = (definition: unknown): string => nameOf(member(definition, "column", "column"));

/** A name is a text, or a tree around one. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  const inner = member(value, "expr", "value") ?? member(value, "value");
  return typeof inner === "string" ? inner : nameOf(member(value, "column") ?? "");
}

function readType(definition: unknown): ForeignType {
  const parameters = [member(definition, "length"), member(definition, "scale")].filter((one) => typeof one === "number");
  const written = text(member(definition, "dataType")).toUpperCase().replaceAll(/\s+/g, " ");
  const array = member(definition, "array");
  const dimension = array === undefined || array === null ? 0 : Math.max(1, Number(member(array, "dimension")) || 0);
  return {
    name: written.replaceAll("[]", ""),
    parameters,
    unsigned: list(member(definition, "suffix")).some((word) => /unsigned/i.test(text(word))),
    arrays: Math.max(dimension, written.split("[]").length - 1),
    members: list(member(definition, "definition")).map((one) => {
      const name = nameOf(member(one, "field_name") ?? "");
      return { name: name === "" ? null : name, type: readType(member(one, "field_type")) };
    }),
  };
}
