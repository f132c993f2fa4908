// CommonJS: only the default export is there at run time, whatever its types say. No other file imports this package.
import nodeSqlParser from "node-sql-parser";

const parser = new nodeSqlParser.Parser();

/** The statement of a foreign text in the tree of node-sql-parser, which means what it should only to `printAsMysql`. */
export function readForeign(text: string, dialect: string): unknown {
  return parser.astify(text, { database: dialect });
}

/** The tree as text with back-ticks, which our own grammar reads. */
export function printAsMysql(tree: unknown): string {
  return parser.sqlify(tree as Parameters<typeof parser.sqlify>[0], { database: "mysql" });
}
